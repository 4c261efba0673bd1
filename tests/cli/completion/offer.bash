# offer.bash PROGRAM COMPLETIONS LINE: what bash offers at the end of LINE, as whole words.
PATH=$(dirname "$1"):$PATH
source "$2/headroom.bash"

# As readline splits a line, with its COMP_WORDBREAKS: at blanks, and around = and :.
line=$3
split=$(sed 's/[=:]\+/ & /g' <<<"$line")
read -ra COMP_WORDS <<<"$split"
[[ $split == *[=:]\ || $line != *\  ]] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))

uses_files=
compopt() { [[ "$*" == "-o default" ]] && uses_files=yes; }
COMPREPLY=()
_headroom headroom

word=${line##* } typed=${COMP_WORDS[COMP_CWORD]}
[[ $typed == [=:]* ]] && typed=
kept=${word%"$typed"}
[[ -z $uses_files ]] || mapfile -t COMPREPLY < <(compgen -f -- "$typed")
for candidate in "${COMPREPLY[@]}"; do
  printf '%s\n' "$kept$candidate"
done
