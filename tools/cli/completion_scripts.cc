#include "tools/cli/completion.h"

namespace skald::cli {
namespace {

// The shell compares completions with the word it has found, which for bash begins after the last
// of its break characters: what stands before is cut off again. A word that was begun in quotes is
// completed within them.
constexpr std::string_view kBash =
    R"(# bash completion for skaldcli:  source <(skaldcli completion bash)
_skaldcli() {
  local line=${COMP_LINE:0:COMP_POINT}
  local current=$2
  mapfile -t COMPREPLY < <(skaldcli complete --shell=bash --word="$current" -- "$line" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[a-z] ]] && return
  compopt -o nospace
  # A second completion keeps bash from closing the quote after one that goes on.
  [[ ${#COMPREPLY[@]} -ne 1 ]] || COMPREPLY+=("${COMPREPLY[0]} ")
}
complete -F _skaldcli skaldcli
)";

constexpr std::string_view kZsh = R"(#compdef skaldcli
# zsh completion for skaldcli:  source <(skaldcli completion zsh)
_skaldcli() {
  local -a found
  found=("${(@f)$(skaldcli complete --shell=zsh -- "$LBUFFER" 2>/dev/null)}")
  [[ -n ${found[1]} ]] && compadd -U -Q -S '' -a found
}
compdef _skaldcli skaldcli
)";

constexpr std::string_view kFish =
    R"(# fish completion for skaldcli:  skaldcli completion fish | source
complete -c skaldcli -f -a '(skaldcli complete --shell=fish -- (commandline -cp) 2>/dev/null)'
)";

}  // namespace

StatusOr<std::string_view> CompletionScript(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return InvalidArgument(StrCat("no completion for ", shell, ": there are bash, zsh and fish"));
}

}  // namespace skald::cli
