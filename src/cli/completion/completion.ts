/** `kerbside completion`: what a shell needs to complete our command line. */
import { Argument } from 'commander'
import { type CliCommand, type CommandRow, EXIT, GROUPS, type ProgramName } from '../command.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { spotsOf } from './tree.ts'
import { zshScript } from './zsh.ts'

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

/** @param commands all of them, this one too */
export const completion = (commands: readonly CommandRow[], programs: readonly ProgramName[]): CliCommand => ({
  define(command) {
    command.addArgument(new Argument('<shell>', 'which shell').choices([...SCRIPTS.keys()])).addHelpText('after', AFTER)
  },
  async run({ terminal, args: [shell = ''] }) {
    const loaded = await Promise.all(commands.map(async (row) => ({ ...row, ...(await row.load()) })))
    const spots = spotsOf(loaded, programs, new Map(Object.entries(GROUPS)))
    terminal.out(SCRIPTS.get(shell)?.(spots) ?? '')
    return EXIT.yes
  },
})
