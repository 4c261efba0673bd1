# offer.zsh PROGRAM COMPLETIONS LINE: what zsh offers at the end of LINE, as whole words. An interactive zsh runs on a
# terminal of its own, where compadd also notes what it adds.
zmodload zsh/zpty
export OFFERED=$(mktemp) PROGRAM_FOLDER=${1:h} COMPLETIONS=$2 HERE=${0:A:h} TERM=dumb
zpty child zsh -f -i
zpty -w child 'source $HERE/offer-inside.zsh'
zpty -r child output '*READY*'
zpty -w -n child "$3"$'\t'
while zpty -r child output; do :; done
cat $OFFERED
rm -f $OFFERED
