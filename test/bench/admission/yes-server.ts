/**
 * Says yes to every review, and looks at nothing of it but its uid; with a patch, if it was given one and may, that is always the same but for
 * the name that the API server drew for the volume of its own token. To a GET it says how many came. Run as a process: HOST PORT CERTIFICATE KEY [PATCH].
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [host = '', port = '', certificate = '', key = '', patchFile] = process.argv.slice(2)
const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
const patch = patchFile === undefined ? undefined : readFileSync(patchFile, 'utf8')

const patched = (body: string) => {
  const [drawn = ''] = /kube-api-access-[a-z0-9]{5}/.exec(body) ?? []
  const text = patch?.replaceAll(/kube-api-access-[a-z0-9]{5}/g, drawn) ?? ''
  return { patchType: 'JSONPatch', patch: Buffer.from(text).toString('base64') }
}

let asked = 0
createServer({ ...tls, keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'GET') return void response.end(String(asked))
  asked += 1
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const body = Buffer.concat(pieces).toString('latin1')
    const [, uid = ''] = /"uid":"([^"]+)"/.exec(body) ?? []
    const mayPatch = patch !== undefined && request.url?.startsWith('/mutate') === true
    const judged = { uid, allowed: true, ...(mayPatch ? patched(body) : {}) }
    const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: judged }
    const text = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.end(text)
  })
}).listen(Number(port), host)
