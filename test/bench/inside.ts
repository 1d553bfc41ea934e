/** The rows of the bench that need the lab, each as soon as it is measured. Runs inside it. */
import { benchAdmission } from './admission.ts'
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

const admission = await benchAdmission()
say({
  what: `admission of ${admission.pods} pods, ${admission.writers} at once`,
  ours: `${admission.with.seconds.toFixed(1)} s`,
  beside: `${admission.without.seconds.toFixed(1)} s without us`,
  ratio: ratio(admission.with.seconds, admission.without.seconds),
})
say({
  what: 'admission of one pod, median',
  ours: `${admission.with.medianMs.toFixed(1)} ms`,
  beside: `${admission.without.medianMs.toFixed(1)} ms without us`,
  ratio: ratio(admission.with.medianMs, admission.without.medianMs),
})
