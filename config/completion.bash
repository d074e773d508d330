
# Bash completion of handfast: EAL's options, the program's behind `--`, and what follows
# `demo` and `report merge`. The lists above are made from the program's own tables.

# Words that may come next; $1: those words, $2: the word that is being typed.
_handfast_words()
{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_handfast_files()
{
    type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_handfast_demo()
{
    case $2 in
    json | html) _handfast_files "$1" ;;
    duration | concurrency | rate | sources) COMPREPLY=() ;;
    *) _handfast_words 'duration concurrency rate sources scattered json html help' "$1" ;;
    esac
}

# Words from $3 on are reports, or one of the two forms of the result.
_handfast_report()
{
    if [ "$3" -eq 2 ]; then
        _handfast_words 'merge' "$1"
    elif [ "$2" = json ] || [ "$2" = html ]; then
        _handfast_files "$1"
    else
        _handfast_files "$1"
        COMPREPLY+=($(compgen -W 'json html' -- "$1"))
    fi
}

_handfast_own()
{
    case $2 in
    --cmdline-file) _handfast_files "$1" ;;
    *)
        if [[ " $_handfast_own_values " == *" $2 "* ]]; then
            COMPREPLY=()
        else
            _handfast_words "$_handfast_own_flags $_handfast_own_values" "$1"
        fi
        ;;
    esac
}

_handfast_eal()
{
    case $2 in
    -d | --driver-path | --huge-dir | --trace-dir) _handfast_files "$1" ;;
    --iova-mode) _handfast_words 'pa va' "$1" ;;
    --proc-type) _handfast_words 'auto primary secondary' "$1" ;;
    -[abclmnrsS]) COMPREPLY=() ;;
    *)
        if [[ " $_handfast_eal_values " == *" $2 "* ]]; then
            COMPREPLY=()
        else
            _handfast_words "-- --help --version $_handfast_eal_flags $_handfast_eal_values $3" "$1"
        fi
        ;;
    esac
}

_handfast()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} i
    # bash takes "=" for a word of its own: --vdev = net_tap0
    if [ "$word" = = ]; then
        word=''
    elif [ "$before" = = ] && [ "$COMP_CWORD" -gt 2 ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    if [ "$COMP_CWORD" -gt 1 ]; then
        case ${COMP_WORDS[1]} in
        demo) _handfast_demo "$word" "$before"; return ;;
        report) _handfast_report "$word" "$before" "$COMP_CWORD"; return ;;
        esac
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        [ "${COMP_WORDS[i]}" != -- ] || { _handfast_own "$word" "$before"; return; }
    done
    [ "$COMP_CWORD" -gt 1 ] && i='' || i='demo report'
    _handfast_eal "$word" "$before" "$i"
}

complete -F _handfast handfast
