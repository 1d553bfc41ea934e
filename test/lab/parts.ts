/** The parts list: what a lab can be made of, one module each. */
import { LabError, UsageError } from './errors.ts'
import { nearest } from './nearest.ts'
import type { Part, PartName } from './part.ts'
import { certManager } from './parts/cert-manager.ts'
import { clients } from './parts/clients.ts'
import { cluster } from './parts/cluster.ts'
import { collector } from './parts/collector.ts'
import { containerd } from './parts/containerd.ts'
import { data } from './parts/data.ts'
import { dns } from './parts/dns.ts'
import { etcd } from './parts/etcd.ts'
import { hadoopTestsPart } from './parts/hadoop-tests.ts'
import { hdfs } from './parts/hdfs.ts'
import { helm } from './parts/helm.ts'
import { images } from './parts/images.ts'
import { istio } from './parts/istio.ts'
import { kafka } from './parts/kafka.ts'
import { kdc } from './parts/kdc.ts'
import { kms } from './parts/kms.ts'
import { kubeApiserver } from './parts/kube-apiserver.ts'
import { kubeControllers } from './parts/kube-controllers.ts'
import { kubelet } from './parts/kubelet.ts'
import { moto } from './parts/moto.ts'
import { openbao } from './parts/openbao.ts'
import { plainHdfs } from './parts/plain-hdfs.ts'
import { prometheus } from './parts/prometheus.ts'
import { realms } from './parts/realms.ts'
import { router } from './parts/router.ts'
import { shortTokens } from './parts/short-tokens.ts'
import { trainingOperatorPart } from './parts/training-operator.ts'

export const PARTS: readonly Part[] = [
  dns,
  kdc,
  hdfs,
  data,
  plainHdfs,
  hadoopTestsPart,
  clients,
  etcd,
  kubeApiserver,
  kubeControllers,
  containerd,
  images,
  kubelet,
  cluster,
  openbao,
  moto,
  kafka,
  collector,
  router,
  kms,
  shortTokens,
  realms,
  helm,
  trainingOperatorPart,
  certManager,
  istio,
  prometheus,
]

export const partsByName: ReadonlyMap<string, Part> = new Map(PARTS.map((part) => [part.name, part]))

/** The named parts and all that they need, each once, needs first. */
export function withNeeds(names: readonly PartName[]): Part[] {
  const found = new Map<PartName, Part>()
  const add = (name: PartName) => {
    if (found.has(name)) return
    const part = partsByName.get(name)
    if (part === undefined) throw new LabError(`there is no part \`${name}\``)
    for (const need of part.needs) add(need)
    found.set(name, part)
  }
  for (const name of names) add(name)
  return [...found.values()]
}

/** Reads names that a person typed; none means all but the optional ones. */
export function readPartNames(words: readonly string[]): PartName[] {
  if (words.length === 0) return PARTS.filter((part) => part.isOptional !== true).map((part) => part.name)
  return words.map((word) => {
    const part = partsByName.get(word)
    if (part !== undefined) return part.name
    const known = [...partsByName.keys()]
    const meant = nearest(word, known)
    const hint = meant === undefined ? `parts: ${known.join(', ')}` : `did you mean \`${meant}\`?`
    throw new UsageError(`there is no part \`${word}\``, hint)
  })
}
