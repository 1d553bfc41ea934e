/** `kerbside completion`: what a shell needs to complete our command line. */
import { Argument } from 'commander'
import { type CliCommand, EXIT, GROUPS, type ProgramName } from './command.ts'
import { bashScript } from './completion-bash.ts'
import { fishScript } from './completion-fish.ts'
import { spotsOf } from './completion-tree.ts'
import { zshScript } from './completion-zsh.ts'

const SCRIPTS = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])

const AFTER = `
Commands and options are written into the script: make it anew after an update.

Examples:
  source <(kerbside completion bash)    in ~/.bashrc
  source <(kerbside completion zsh)     in ~/.zshrc, after compinit
  kerbside completion fish > ~/.config/fish/completions/kerbside.fish`

/** @param commands all of them, this one too: asked for when it runs */
export const completion = (
  commands: () => readonly CliCommand[],
  programs: () => readonly ProgramName[],
): CliCommand => ({
  group: undefined,
  name: 'completion',
  summary: 'a script by which a shell completes commands, options and their values',
  define(command) {
    command.addArgument(new Argument('<shell>', 'which shell').choices([...SCRIPTS.keys()])).addHelpText('after', AFTER)
  },
  async run({ terminal, args: [shell = ''] }) {
    const spots = spotsOf(commands(), programs(), new Map(Object.entries(GROUPS)))
    terminal.out(SCRIPTS.get(shell)?.(spots) ?? '')
    return EXIT.yes
  },
})
