/** Connections to NameNodes that are opened while there is no ticket yet: the handshake is over by the time that there is one. */
import { Agent, type AgentOptions } from 'node:https'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

/** What connections will be wanted for. */
export type NameNodesAhead = { readonly nameNodes: readonly string[]; readonly caPem: string }

type Early = { readonly socket: TLSSocket; readonly ca: string }
type Connect = Agent['createConnection']

export class EarlyAgent extends Agent {
  readonly #early = new Map<string, Early>()

  constructor(options: AgentOptions = { keepAlive: true }) {
    super(options)
  }

  /** Opens one connection to each. What fails is as if it had not been tried: whoever asks finds out why. */
  open({ nameNodes, caPem: ca }: NameNodesAhead): void {
    for (const origin of nameNodes) {
      const { protocol, hostname: host, port } = new URL(origin)
      if (protocol !== 'https:') continue
      const servername = isIP(host) === 0 ? host : ''
      const socket = connect({ host, port: Number(port || 443), servername, ca, ALPNProtocols: ['http/1.1'] })
      const forget = () => {
        if (this.#early.get(keyOf(host, port))?.socket === socket) this.#early.delete(keyOf(host, port))
      }
      socket.on('error', forget)
      socket.on('close', forget)
      socket.unref() // a program that gets no task ends
      this.#early.set(keyOf(host, port), { socket, ca })
    }
  }

  /** The one that was opened for this place and this CA, once. */
  override createConnection(...[options, callback]: Parameters<Connect>): ReturnType<Connect> {
    const { host, port, ca } = options as { host?: string; port?: string | number; ca?: unknown }
    const key = keyOf(host ?? '', port ?? '')
    const early = this.#early.get(key)
    if (early === undefined || early.ca !== ca) return super.createConnection(options, callback)
    this.#early.delete(key)
    return early.socket.ref()
  }

  override destroy(): void {
    for (const { socket } of this.#early.values()) socket.destroy()
    super.destroy()
  }
}

const keyOf = (host: string, port: string | number) => `${host}:${port || 443}`
