/**
 * Names of Kubernetes Services, as CoreDNS gives them: watches EndpointSlices and keeps a hosts file of `NAME.NAMESPACE.svc.cluster.local`.
 * Every name leads to the ready pods themselves, also where the Service has a cluster address: nothing here forwards those.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { HOSTS } from './addresses.ts'
import { labFiles } from './folder.ts'
import { callForJson } from './https.ts'
import { API_URL, kubernetesFiles } from './kubernetes-files.ts'

type Slice = {
  readonly metadata: {
    readonly uid: string
    readonly namespace: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly endpoints?: readonly {
    readonly addresses: readonly string[]
    readonly conditions?: { readonly ready?: boolean }
  }[]
}
type SliceList = { readonly metadata: { readonly resourceVersion: string }; readonly items: readonly Slice[] }
/** One line of a watch. */
type Change = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR'; readonly object: Slice }

const SUFFIX = 'svc.cluster.local'
const SLICES = `${API_URL}/apis/discovery.k8s.io/v1/endpointslices`
const AGAIN_MS = 500

/** The hosts file for these slices. */
export function hostsOf(slices: Iterable<Slice>): string {
  const rows = [`${HOSTS['api.lab']} kubernetes.default.${SUFFIX}`]
  for (const { metadata, endpoints } of slices) {
    const service = metadata.labels?.['kubernetes.io/service-name']
    // Absent means ready, says the API.
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
    for (const address of ready.flatMap(({ addresses }) => addresses)) {
      rows.push(`${address} ${service}.${metadata.namespace}.${SUFFIX}`)
    }
  }
  return `${rows.join('\n')}\n`
}

/** Takes all slices, then every change; resolves when the watch ends, as each does in time. */
async function follow(folder: { readonly path: string }): Promise<void> {
  const { certificate, key } = kubernetesFiles(folder).identity('admin')
  const files = labFiles(folder)
  const tls = { ca: readText(files.authority), cert: readText(certificate), key: readText(key) }
  const list = await callForJson<SliceList>({ url: SLICES, ...tls })
  const slices = new Map(list.items.map((slice) => [slice.metadata.uid, slice]))
  write(files.serviceHosts, slices)
  const changes = await open(`${SLICES}?watch=true&resourceVersion=${list.metadata.resourceVersion}`, tls)
  for await (const line of createInterface(changes)) {
    const { type, object } = JSON.parse(line) as Change
    if (type === 'ERROR') return
    if (type === 'DELETED') slices.delete(object.metadata.uid)
    else slices.set(object.metadata.uid, object)
    write(files.serviceHosts, slices)
  }
}

function write(file: string, slices: ReadonlyMap<string, Slice>): void {
  writeFileSync(`${file}.new`, hostsOf(slices.values()))
  renameSync(`${file}.new`, file)
}

function open(url: string, tls: { ca: string; cert: string; key: string }): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, tls, resolve).on('error', reject))
}

const readText = (file: string): string => readFileSync(file, 'utf8')

if (import.meta.main) {
  const path = process.argv[2] ?? ''
  for (;;) {
    // The API server may be stopped on purpose: names stay as they were until it is back.
    await follow({ path }).catch((error: unknown) => console.error(String(error)))
    await wait(AGAIN_MS)
  }
}
