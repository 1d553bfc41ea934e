/** The rows of the bench that need the lab, each as soon as it is measured. Runs inside it. */
import { benchMemory } from './memory.ts'
import { benchRead } from './read.ts'
import { header, ratio, say } from './row.ts'

header('in the lab')

const read = await benchRead()
const megabytes = (rate: number) => `${rate.toFixed(0)} MB/s`
say({
  what: 'read 256 MB, one reader',
  ours: megabytes(read.gateway),
  beside: `${megabytes(read.direct)} straight from HDFS`,
  ratio: ratio(read.gateway, read.direct),
})
say({
  what: 'read 256 MB, eight readers together',
  ours: megabytes(read.gatewayEight),
  beside: `${megabytes(read.directEight)} straight from HDFS`,
  ratio: ratio(read.gatewayEight, read.directEight),
})

const memory = await benchMemory()
const goal = (mebibytes: number) => `goal ≤ ${mebibytes} MiB`
say({
  what: 'sidecar at rest, Private_Dirty',
  ours: `${memory.idleMiB.toFixed(1)} MiB`,
  beside: goal(25),
  ratio: ratio(memory.idleMiB, 25),
})
say({
  what: `sidecar with ${memory.streams} reads, Private_Dirty`,
  ours: `${memory.streamsMiB.toFixed(1)} MiB`,
  beside: goal(40),
  ratio: ratio(memory.streamsMiB, 40),
})
