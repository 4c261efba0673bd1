# shellcheck shell=bash
# Completion of headroom for bash 4 and newer. The program itself says what may come next, so this file never ages.

_headroom() {
  # Words as the command line has them: COMP_WORDS is also split at the = and : of --format=json and every:2.
  local words=("") word=0 i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if ((i > 1)) && [[ ${COMP_WORDS[i]} != [=:]* && ${COMP_WORDS[i - 1]} != *[=:] ]]; then
      ((++word))
    fi
    words[word]+=${COMP_WORDS[i]}
  done

  # bash replaces only what it took for the last word: the rest stays as it was typed.
  local typed=${COMP_WORDS[COMP_CWORD]} current=${words[word]} kept candidate files=
  [[ $typed == [=:]* ]] && typed=
  kept=${current%"$typed"}
  while IFS=$'\t' read -r candidate _; do
    if [[ $candidate == :files ]]; then
      files=yes
    elif [[ ${candidate,,} == "${current,,}"* ]]; then
      COMPREPLY+=("${candidate:${#kept}}")
    fi
  done < <("${1/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)
  if [[ $files && ${#COMPREPLY[@]} == 0 ]]; then
    compopt -o default
  fi
}

complete -F _headroom headroom
