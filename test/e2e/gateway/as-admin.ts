/** A command of HDFS's administrator, by Hadoop's own programs. Inside the lab only. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { java } from '../../lab/java.ts'
import type { Lab } from '../../lab/lab.ts'

const run = promisify(execFile)

/**
 * @param main of a Hadoop program, below `org.apache.hadoop`
 * @returns what it printed
 * @throws what it said, when it says that it failed
 */
export async function asAdmin({ folder, files }: Lab, main: string, args: readonly string[]): Promise<string> {
  const name = main.split('.').at(-1) ?? main
  const [file, ...words] = java(folder, { name, main: `org.apache.hadoop.${main}`, args, conf: [files.hadoopConf] })
  const env = { ...process.env, KRB5CCNAME: join(folder.path, 'hdfs', 'admin.ccache') }
  try {
    return (await run(file, words, { env })).stdout
  } catch (failed) {
    const { stdout, stderr } = failed as { stdout: string; stderr: string }
    throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`)
  }
}
