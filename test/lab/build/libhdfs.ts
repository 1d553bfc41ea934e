/** Hadoop's libhdfs, which pyarrow loads: no registry has it built, so it is compiled from the C source of a Rust package. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'

const HERE = join(import.meta.dirname, 'libhdfs')
const JAVAC = '/usr/bin/javac'

/** The folder of `libhdfs.so`, as `ARROW_LIBHDFS_DIR` wants it; cargo checks the source against Cargo.lock. */
export async function buildLibhdfs(folder: LabFolder, progress: Progress): Promise<string> {
  return cached(libhdfsFolder(folder), async (unfinished) => {
    await debianPackages(folder, progress, { cargo: 'cargo', gcc: 'gcc', [JAVAC]: 'openjdk-17-jdk-headless' })
    mkdirSync(unfinished)
    const crate = join(unfinished, 'crate')
    cpSync(HERE, crate, { recursive: true })
    await progress.step('libhdfs: compile', async () => {
      const vendor = ['vendor', '--quiet', '--locked', '--versioned-dirs', '--manifest-path', join(crate, 'Cargo.toml')]
      await runCommand(['cargo', ...vendor, join(crate, 'sources')])
      await runCommand(['gcc', ...compile(join(crate, 'sources', 'hdfs-sys-0.3.1', 'libhdfs'), unfinished)])
    })
    rmSync(crate, { recursive: true })
  })
}

/** Where {@link buildLibhdfs} puts it. */
export function libhdfsFolder(folder: Pick<LabFolder, 'cache'>): string {
  const lock = createHash('sha256').update(readFileSync(join(HERE, 'Cargo.lock')))
  return join(folder.cache, `libhdfs-${lock.digest('hex').slice(0, 12)}`)
}

/** The JDK's folder: libhdfs is linked to its libjvm. */
export const javaHome = (): string => dirname(dirname(realpathSync(JAVAC)))

function compile(sources: string, out: string): string[] {
  const at = join(sources, 'hdfs_3_3')
  const include = [sources, at, `${at}/include`, `${at}/os`, `${at}/os/posix`]
  const java = [`${javaHome()}/include`, `${javaHome()}/include/linux`]
  const files = ['hdfs', 'exception', 'jclasses', 'jni_helper', 'os/posix/mutexes', 'os/posix/thread']
  return [
    ...['-shared', '-fPIC', '-O2', '-w', '-fcommon'],
    ...[...include, ...java].map((path) => `-I${path}`),
    ...[...files, 'os/posix/thread_local_storage'].map((name) => `${at}/${name}.c`),
    ...[`-L${javaHome()}/lib/server`, `-Wl,-rpath,${javaHome()}/lib/server`, '-ljvm'],
    ...['-o', join(out, 'libhdfs.so')],
  ]
}
