/** `kerbside validate`: what the last look at admission would say of pods that were injected before, as GitOps has them in a repository. */
import { printable } from '../../core/audit/printable.ts'
import { evaluate } from '../../core/identity/evaluate.ts'
import { askingElsewhere, asksForIdentity, podTemplatesIn } from '../../core/identity/pod-template.ts'
import { type CliCommand, EXIT } from '../command.ts'
import { counted } from '../policy/policies.ts'
import { worldOf, worldOptions } from './world.ts'

const AFTER = `
Holds each pod template against the policy and the injection file of now, as the validating webhook and the broker do. Without --ca,
any authority that a sidecar was given is taken for right.

Exit codes: 0 all would be admitted, 1 something would be refused, 2 a command line or manifest that is not understood, 3 a policy or an
injection file that cannot be used.

Examples:
  kerbside validate -f rendered/ --injection injection.yaml --ca ca.crt
  git show HEAD:train.yaml | kerbside validate -f - --injection injection.yaml --policy git:main`

export const validate: CliCommand = {
  define(command) {
    worldOptions(command)
    command.addHelpText('after', AFTER)
  },
  async run(given) {
    const { terminal } = given
    const world = await worldOf(given)
    let [valid, refused, silent] = [0, 0, 0]
    for (const document of world.documents) {
      for (const template of podTemplatesIn(document.content)) {
        if (!asksForIdentity(template.pod)) {
          silent += 1
          continue
        }
        const where = `${document.file}:${document.lineOf(template.path)}: ${template.name}`
        const about = { ...world.about(template), stage: 'validate', operation: 'CREATE' } as const
        const verdict = evaluate({ ...about, pod: template.pod }, world.bundle, world.injectionFor(template.pod))
        if (verdict.effect === 'deny') refused += 1
        else valid += 1
        const lines =
          verdict.effect === 'deny'
            ? verdict.denials.map(({ reason, message }) => `[${reason}] ${message}`)
            : verdict.warnings.map((warning) => `warning: ${warning}`)
        for (const line of lines) terminal.err(printable(`${where}: ${line}`))
      }
      for (const name of askingElsewhere(document.content)) {
        terminal.err(
          printable(`${document.file}:${document.lineOf([])}: ${name}: note: its pods come from no template here`),
        )
      }
    }
    terminal.out(`${counted(valid, 'pod')} valid, ${refused} refused, ${silent} without the label`)
    return refused === 0 ? EXIT.yes : EXIT.no
  },
}
