/** What one row of the table of WebHDFS says: parsing, demanding, forwarding, the page and the tests all come from it. */
import type { Demand } from '../policy/decision/demand.ts'
import type { PolicyReason } from '../reasons.ts'
import type { Demanding } from './demands.ts'
import type { ParameterName } from './parameters.ts'
import type { Target } from './target.ts'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

export type Operation = {
  /** As Hadoop has it, in capitals. */
  readonly name: string
  readonly method: Method
  /** `datanode`: in two steps, the second with the bytes. `local`: HDFS is not asked. `nobody`: refused by name. */
  readonly answeredBy: 'namenode' | 'datanode' | 'local' | 'nobody'
  /** All that may travel upstream beside `op`; anything else that a client sends is dropped. */
  readonly parameters: readonly ParameterName[]
  /** Parameters without which there is no operation. */
  readonly needs: readonly (ParameterName | 'destination')[]
  /** Those of its parameters that can change the decision, by a demand or by a limit: they stand in its record. */
  readonly decisive: readonly ParameterName[]
  /** Whether a second try does no harm when nobody knows what became of the first. */
  readonly repeatable: boolean
  /** What policy must allow, all of it. */
  demands(request: Demanding): readonly Demand[]
  /** Why policy is not asked: the answer names no path. */
  readonly free?: Extract<PolicyReason, 'local-answer' | 'cluster-fact'>
  /** How an answer of HDFS is cut down to what policy shows. */
  readonly filter?: Filter
  /** The answer of a `local` one. */
  answer?(own: Own): unknown
  /** Why nobody answers: `it changes the whole cluster`. */
  readonly because?: string
}

export type Filter = {
  /** What the answer loses, for the page. */
  readonly without: string
  /**
   * @param body of an answer with status 200
   * @throws KerbsideError `hdfs-broken-answer`: what cannot be read cannot be cut, so it is not passed on
   */
  cut(body: string, seen: Seen): string
}

/** What a filter knows of the request. */
export type Seen = {
  readonly target: Target
  /** Whether policy allows all of these, by the rules of this moment. */
  isVisible(needs: readonly Demand[]): boolean
}

/** What the gateway knows by itself. */
export type Own = {
  /** Home directory of the identity. */
  readonly home: string
}

type Given = Pick<Operation, 'method' | 'name' | 'demands'> & Partial<Operation>

/** A row: asked of the NameNode, without parameters, and harmless twice, unless it says otherwise. */
export const row = (given: Given): Operation => ({
  answeredBy: 'namenode',
  parameters: [],
  decisive: [],
  needs: [],
  repeatable: true,
  ...given,
})

/** Known, and refused by name. */
export const refusedRow = (method: Method, name: string, because: string): Operation =>
  row({ method, name, because, answeredBy: 'nobody', demands: () => [] })
