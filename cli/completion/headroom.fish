# Completion of headroom for fish. The program itself says what may come next, so this file never ages.

function __headroom_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l current (commandline --cut-at-cursor --current-token)
    set -l program (string replace --regex '^~' $HOME -- $words[1])
    for line in ($program __complete $words[2..] "$current" 2>/dev/null)
        if test "$line" = :files
            set -l option (string match --regex -- '^--[^=]+=' "$current")
            string replace --regex -- '^' "$option" (__fish_complete_path (string replace -- "$option" '' "$current"))
        else
            echo $line
        end
    end
end

complete --command headroom --no-files --arguments '(__headroom_complete)'
