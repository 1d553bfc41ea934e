/** What the HTTP status of a store stands for, in our codes; and the refusals of the clouds, which say why in one way. */
import { type ErrorCode, KerbsideError } from '../../core/errors.ts'
import type { HttpsAnswer } from '../https-request.ts'
import type { SecretRef } from '../secret-store.ts'
import { field, jsonOrNothing, sentence } from './answer.ts'
import { refText } from './ref.ts'

const CODES = new Map<number, ErrorCode>([
  [401, 'secret-unauthenticated'],
  [403, 'secret-forbidden'],
  [404, 'secret-not-found'],
])

/** Of a question for a secret. */
export const codeOfStatus = (status: number): ErrorCode => CODES.get(status) ?? 'secret-unavailable'

export function loginRefused(answer: HttpsAnswer, url: URL): KerbsideError {
  const code = [400, 401, 403, 404].includes(answer.status) ? 'secret-unauthenticated' : 'secret-unavailable'
  return new KerbsideError(code, `${url.host}: HTTP ${answer.status}${saidIn(answer)}`)
}

/** @param code where the status alone does not say it */
export function fetchRefused(answer: HttpsAnswer, ref: SecretRef, code = codeOfStatus(answer.status)): KerbsideError {
  return new KerbsideError(code, `${refText(ref)}: HTTP ${answer.status}${saidIn(answer)}`)
}

function saidIn(answer: HttpsAnswer): string {
  const said = jsonOrNothing(answer)
  return sentence(field(said, 'error_description') ?? field(said, 'error', 'message') ?? field(said, 'error'))
}
