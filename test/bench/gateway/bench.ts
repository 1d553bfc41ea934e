/** `npm run bench -- gateway`: brings up a lab with HDFS, and measures inside. What the peers need is fetched before. */
import { join } from 'node:path'
import { labFolder } from '../../lab/folder.ts'
import { up } from '../../lab/lab.ts'
import { printer, progressTo } from '../../lab/progress.ts'
import { fetchHttpFs } from '../../peers/proxies/httpfs.ts'
import { fetchKnox } from '../../peers/proxies/knox.ts'

/** @param flags of the Node that runs the sidecar, to look closer. @returns the exit code */
export async function benchGateway(flags: readonly string[]): Promise<number> {
  const name = `bench-${process.pid}`
  const sink = printer(process.stdout)
  await fetchHttpFs(labFolder(name), progressTo(sink))
  await fetchKnox(labFolder(name), progressTo(sink))
  const lab = await up(['data'], { name, sink })
  try {
    return await lab.run([process.execPath, join(import.meta.dirname, 'inside.ts'), ...flags])
  } finally {
    await lab.down()
  }
}
