/** `npm run bench -- admission`: the one function by itself, then a gang of pods at a real API server, beside vault-k8s and beside nothing. */
import { join } from 'node:path'
import { buildVaultK8s } from '../../lab/build/vault-k8s.ts'
import { labFolder } from '../../lab/folder.ts'
import { up } from '../../lab/lab.ts'
import { printer, progressTo } from '../../lab/progress.ts'
import { measureApart } from '../apart.ts'
import type { EvaluateFigures } from './evaluate.ts'
import { sayEvaluate } from './rows.ts'

/** @returns the exit code */
export async function benchAdmission(): Promise<number> {
  sayEvaluate(await measureApart<EvaluateFigures>(join(import.meta.dirname, 'evaluate.ts'), 'measureEvaluate', null))
  const name = `bench-${process.pid}`
  const sink = printer(process.stdout)
  await buildVaultK8s(labFolder(name), progressTo(sink))
  const lab = await up(['kube-apiserver', 'kube-controllers'], { name, sink })
  try {
    return await lab.run([process.execPath, join(import.meta.dirname, 'inside.ts')])
  } finally {
    await lab.down()
  }
}
