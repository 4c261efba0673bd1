# offer.fish PROGRAM COMPLETIONS LINE: what fish offers at the end of LINE, as whole words.
set --prepend PATH (path dirname $argv[1])
source $argv[2]/headroom.fish
for candidate in (complete --do-complete $argv[3])
    string split --fields 1 \t -- $candidate
end
