# Read by the zsh that offer.zsh starts.
path=($PROGRAM_FOLDER $path)
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit
compinit -u -D

compadd() {
  # Calls that only fill arrays are of the completion system's own.
  if [[ -z ${argv[(r)-[AOD]]} ]]; then
    local -a matches folder ignored
    builtin compadd -A matches "$@"
    zparseopts -E -a ignored p:=folder
    (($#matches)) && print -rl -- $IPREFIX$folder[2]${(Q)^matches} >>$OFFERED
  fi
  builtin compadd "$@"
}
finish() { exit }
comppostfuncs=(finish)
bindkey '^I' complete-word
print READY
