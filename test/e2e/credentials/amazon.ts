/**
 * Stands for IAM in front of moto, which answers for STS and Secrets Manager but checks no token and no right: here the
 * signature, issuer, audience and subject of a service-account token are checked as AWS documents it for web identity
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html) and for the agent of Pod Identity,
 * and each session may read what its role may. What moto itself answers goes through as it is.
 */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Answer, Asked } from '../../io/secret-stores/loopback-service.ts'
import { MOTO_URL } from '../../lab/parts/moto.ts'

export const REGION = 'eu-central-1'
export const ROLE = 'arn:aws:iam::123456789012:role/kerbside/quant-research'
export const STS = `sts.${REGION}.amazonaws.com`
export const SECRETS = `secretsmanager.${REGION}.amazonaws.com`
export const AGENT = 'agent.pod-identity.example'

export type Trust = {
  readonly jwks: string
  readonly issuer: string
  readonly audience: string
  readonly subject: string
}

export class Amazon {
  readonly #keys: ReturnType<typeof createLocalJWKSet>
  readonly #trust: Trust
  /** Session token of each access key that was given out. */
  readonly #sessions = new Map<string, string>()

  constructor(trust: Trust) {
    this.#trust = trust
    this.#keys = createLocalJWKSet(JSON.parse(trust.jwks) as JSONWebKeySet)
  }

  async answer(asked: Asked): Promise<Answer> {
    if (asked.where.startsWith(STS)) return this.#webIdentity(asked)
    if (asked.where === `${AGENT}/v1/credentials`) return this.#podIdentity(asked)
    return this.#secret(asked)
  }

  /** Name of the error of AWS, or undefined where the token is right. The client ids of the provider are the audiences. */
  async #wrongWith(token: string): Promise<string | undefined> {
    const { issuer, audience, subject } = this.#trust
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        requiredClaims: ['exp', 'aud', 'sub'],
      })
      return payload.sub === subject ? undefined : 'AccessDenied'
    } catch (error) {
      return (error as { code?: string }).code === 'ERR_JWT_EXPIRED' ? 'ExpiredTokenException' : 'InvalidIdentityToken'
    }
  }

  async #webIdentity(asked: Asked): Promise<Answer> {
    const form = new URLSearchParams(asked.body)
    const wrong =
      form.get('RoleArn') === ROLE ? await this.#wrongWith(form.get('WebIdentityToken') ?? '') : 'AccessDenied'
    if (wrong !== undefined || asked.headers.authorization !== undefined) {
      const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${wrong}</Code></Error></ErrorResponse>`
      return { status: wrong === 'AccessDenied' ? 403 : 400, headers: XML, body }
    }
    const answer = await this.#moto(asked)
    const part = (name: string) => new RegExp(`<${name}>([^<]+)<`).exec(String(answer.body))?.[1] ?? ''
    this.#sessions.set(part('AccessKeyId'), part('SessionToken'))
    return answer
  }

  async #podIdentity({ headers }: Asked): Promise<Answer> {
    const wrong = await this.#wrongWith(headers.authorization ?? '')
    if (wrong !== undefined) return { status: 400, body: { code: 'InvalidTokenException', message: 'refused' } }
    const session = { AccessKeyId: 'ASIAP0D1DENT1TYP0D1D', Token: 'S3ss10nOfPodIdentityOnly' }
    this.#sessions.set(session.AccessKeyId, session.Token)
    const Expiration = new Date(Date.now() + 3600_000).toISOString()
    return {
      status: 200,
      body: { ...session, SecretAccessKey: 'K3yOfPodIdentityOnlyK3yOfPodIdentityOnly', Expiration },
    }
  }

  async #secret(asked: Asked): Promise<Answer> {
    const { headers, body } = asked
    const key =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, SignedHeaders=.+, Signature=[0-9a-f]{64}$/
    const session = this.#sessions.get(key.exec(headers.authorization ?? '')?.[1] ?? '')
    if (session === undefined || session !== headers['x-amz-security-token']) {
      return refuse('UnrecognizedClientException', 'The security token included in the request is invalid.')
    }
    const { SecretId: name } = JSON.parse(body) as { SecretId: string }
    const isAllowed = headers['x-amz-target'] === 'secretsmanager.GetSecretValue' && name.startsWith('hdfs/contract/')
    return isAllowed ? this.#moto(asked) : refuse('AccessDeniedException', 'no identity-based policy allows it')
  }

  async #moto({ method, where, headers, body }: Asked): Promise<Answer> {
    const kept = ['authorization', 'content-type', 'x-amz-target', 'x-amz-date', 'x-amz-security-token']
    const sent = kept.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : []))
    const url = `${MOTO_URL}${where.slice(where.indexOf('/'))}`
    const answer = await fetch(url, { method, headers: Object.fromEntries(sent), body })
    const type = answer.headers.get('content-type') ?? ''
    return { status: answer.status, headers: { 'content-type': type }, body: await answer.text() }
  }
}

const XML = { 'content-type': 'text/xml' }
const refuse = (type: string, message: string): Answer => ({ status: 400, body: { __type: type, message } })
