/** Where one sidecar's secrets lie in OpenBao, the lab's or one of its own, and the service account that may read them. */
import { createSign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Kubernetes, kubernetes } from '../../lab/kubernetes.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import type { Lab } from '../../lab/lab.ts'
import { AUDIENCE, OPENBAO_URL, type Openbao, openbao } from '../../lab/openbao.ts'
import type { World } from '../credentials/world.ts'

const ACCOUNT = 'trainer'
const CLUSTER_SECRET = 'hdfs/lab'
const TOKEN_SECONDS = 3600

export type PlaceOptions = {
  /** Names its mount, role and namespace. */
  readonly name: string
  /** Below its mount. */
  readonly secretPath: string
  /** The lab's own unless given. */
  readonly bao?: Pick<Openbao, 'call'> & { readonly url: string }
}

export class PlaceInOpenbao {
  readonly #name: string
  readonly #secretPath: string
  readonly #lab: Lab
  readonly #cluster: Kubernetes
  readonly #bao: NonNullable<PlaceOptions['bao']>
  #token = ''

  constructor(lab: Lab, { name, secretPath, bao }: PlaceOptions) {
    this.#lab = lab
    this.#name = `faults-${name}-${process.pid}`
    this.#secretPath = secretPath
    this.#cluster = kubernetes(lab.folder)
    this.#bao = bao ?? { url: OPENBAO_URL, call: openbao(lab.folder).call }
  }

  /** Gives what a sidecar has to be told. */
  async make(keytab: Uint8Array): Promise<Partial<World['store']>> {
    await this.#post(`sys/mounts/${this.#name}`, { type: 'kv', options: { version: '2' } })
    await this.#put(CLUSTER_SECRET, { 'ca.pem': readFileSync(this.#lab.files.authority, 'utf8') })
    await this.putKeytab(keytab)
    await this.permit()
    await this.#post(`auth/kubernetes/role/${this.#name}`, {
      bound_service_account_names: [ACCOUNT],
      bound_service_account_namespaces: [this.#name],
      audience: AUDIENCE,
      token_policies: [this.#name],
      token_no_default_policy: true,
      token_ttl: '10m',
    })
    await this.#cluster.create('/api/v1/namespaces', { metadata: { name: this.#name } })
    await this.makeAccount()
    return {
      store: 'openbao',
      storeUrl: this.#bao.url,
      storeMount: this.#name,
      storeRole: this.#name,
      storeAuth: 'kubernetes',
    }
  }

  /** Of its service account, real and good. */
  get token(): string {
    return this.#token
  }

  /** As it was before the kubelet should have replaced it: signed by the cluster's own key, and at its end an hour ago. */
  get expiredToken(): string {
    const [head = '', body = ''] = this.#token.split('.')
    const ended = Math.floor(Date.now() / 1000) - TOKEN_SECONDS
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    const times = { iat: ended - TOKEN_SECONDS, nbf: ended - TOKEN_SECONDS, exp: ended }
    const signed = `${head}.${Buffer.from(JSON.stringify({ ...claims, ...times })).toString('base64url')}`
    const key = readFileSync(kubernetesFiles(this.#lab.folder).serviceAccounts.privateKey)
    return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`
  }

  async makeAccount(): Promise<void> {
    await this.#cluster.create(this.#accounts, { metadata: { name: ACCOUNT } })
    const request = { spec: { audiences: [AUDIENCE], expirationSeconds: TOKEN_SECONDS } }
    const made = await this.#cluster.create<{ status: { token: string } }>(
      `${this.#accounts}/${ACCOUNT}/token`,
      request,
    )
    this.#token = made.status.token
  }

  async deleteAccount(): Promise<void> {
    await this.#cluster.api(`${this.#accounts}/${ACCOUNT}`, { method: 'DELETE' })
  }

  async putKeytab(keytab: Uint8Array): Promise<void> {
    await this.#put(this.#secretPath, { keytab: Buffer.from(keytab).toString('base64') })
  }

  async deleteKeytab(): Promise<void> {
    await this.#delete(`${this.#name}/metadata/${this.#secretPath}`)
  }

  /** Lets the role read both secrets, and end its login. */
  async permit(): Promise<void> {
    const read = (path: string) => `path "${this.#name}/data/${path}" { capabilities = ["read"] }`
    const rules = [read(CLUSTER_SECRET), read(this.#secretPath), REVOKE]
    await this.#post(`sys/policies/acl/${this.#name}`, { policy: rules.join('\n') })
  }

  /** Takes away the policy with all that it allowed. */
  async forbid(): Promise<void> {
    await this.#delete(`sys/policies/acl/${this.#name}`)
  }

  async remove(): Promise<void> {
    for (const path of [`sys/mounts`, 'auth/kubernetes/role', 'sys/policies/acl'])
      await this.#delete(`${path}/${this.#name}`)
    await this.removeNamespace()
  }

  /** All that there is of it where the OpenBao itself is given up. */
  async removeNamespace(): Promise<void> {
    await this.#cluster.api(`/api/v1/namespaces/${this.#name}`, { method: 'DELETE' })
  }

  get #accounts(): string {
    return `/api/v1/namespaces/${this.#name}/serviceaccounts`
  }

  async #put(path: string, data: object): Promise<void> {
    await this.#post(`${this.#name}/data/${path}`, { data })
  }

  async #post(path: string, body: object): Promise<void> {
    await this.#bao.call(path, { method: 'POST', body })
  }

  async #delete(path: string): Promise<void> {
    await this.#bao.call(path, { method: 'DELETE' })
  }
}

const REVOKE = 'path "auth/token/revoke-self" { capabilities = ["update"] }'
