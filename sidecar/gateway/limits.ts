/** Everything that bounds the gateway, in one table: nothing waits, grows or tries again without an end. */

const SECOND = 1000
const MIB = 1024 * 1024

export const LIMITS = {
  /** Two of the longest paths, percent-encoded, and headers. */
  headerBytes: 64 * 1024,
  headersMs: 10 * SECOND,
  connections: 1024,
  /** Requests that a connection may have sent before the one before them is answered. */
  requestsAhead: 16,
  /**
   * A socket on either side without a byte for so long is dead. A job may well compute between two batches, and a slow one
   * still takes what sockets held when its read was over: to some clients (undici) an end meanwhile is a read that broke.
   */
  idleMs: 10 * 60 * SECOND,
  connectMs: 5 * SECOND,
  /** The same where no other DataNode is left: one that sends as fast as it can to others lets a handshake wait. */
  patientConnectMs: 30 * SECOND,
  /** Until a NameNode or DataNode begins to answer; GETCONTENTSUMMARY walks a whole tree. */
  answerMs: 60 * SECOND,
  /** Answers that are held in memory. A page of a listing has about 300 KiB. */
  answerBytes: 32 * MIB,
  /** How long one operation looks for an active NameNode. */
  failoverMs: 20 * SECOND,
  firstPauseMs: 100,
  longestPauseMs: 3 * SECOND,
  /** How long step two may rest on what the NameNode said in step one, and how many such answers are kept. */
  namedMs: 2 * SECOND,
  named: 64,
  /** DataNodes that are tried before one operation is given up. */
  dataNodes: 3,
  /** How long a DataNode may send nothing while the client waits. Java's client gives us up after 60 s. */
  stalledMs: 30 * SECOND,
  /** How often one read goes on at another DataNode, and from which length on the inode is asked that this rests on. */
  resumptions: 16,
  resumableBytes: MIB,
  /** Body of a refused upload that is still taken in, so that the client gets to read why. */
  drainBytes: 64 * MIB,
  drainMs: 10 * SECOND,
  /** How long a DataNode may take to close a file whose upload was cut. */
  verdictMs: 15 * SECOND,
  /** Open streams are decided again so often, because grants expire without a new slice. */
  recheckMs: 15 * SECOND,
  /** How long what HDFS says of its defaults is believed. */
  defaultsMs: 10 * 60 * SECOND,
  /** How long running transfers may go on when the sidecar stops, and how long it may take to clean up what is cut then. */
  closeMs: 10 * SECOND,
  cutMs: 4 * SECOND,
} as const

/** How long the gateway may take to end: its two waits, and to close sockets. */
export const GATEWAY_ENDS_MS = LIMITS.closeMs + LIMITS.cutMs + SECOND

export type Limits = { readonly [K in keyof typeof LIMITS]: number }
