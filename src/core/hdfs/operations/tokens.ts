/**
 * Operations on delegation tokens. A client that is configured for a secure cluster asks for one before anything else; it
 * gets one that it accepts and that is worth nothing, here or anywhere. HDFS is never asked.
 */
import { SYNTHETIC_TOKEN, SYNTHETIC_TOKEN_ENDS } from '../../hadoop/synthetic-token.ts'
import { type Operation, row } from '../operation.ts'

const LOCAL = { answeredBy: 'local', free: 'local-answer', demands: () => [] } as const

export const TOKENS: readonly Operation[] = [
  row({
    ...LOCAL,
    method: 'GET',
    name: 'GETDELEGATIONTOKEN',
    answer: () => ({ Token: { urlString: SYNTHETIC_TOKEN } }),
  }),
  row({
    ...LOCAL,
    method: 'PUT',
    name: 'RENEWDELEGATIONTOKEN',
    parameters: ['token'],
    needs: ['token'],
    answer: () => ({ long: SYNTHETIC_TOKEN_ENDS }),
  }),
  row({ ...LOCAL, method: 'PUT', name: 'CANCELDELEGATIONTOKEN', parameters: ['token'], needs: ['token'] }),
]
