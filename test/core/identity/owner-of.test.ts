/** What made a pod: what the pod says, read carefully, since whoever creates a pod writes it. */
import { expect, it } from 'vitest'
import { ownerOf, readOwner, writeOwner } from '../../../src/core/identity/owner-of.ts'

const pod = (kind: unknown, name: unknown, labels: object = {}, controller: unknown = true) => ({
  metadata: {
    labels,
    ownerReferences: [
      { kind: 'Node', name: 'x' },
      { kind, name, controller },
    ],
  },
})

it('is the controller, and for a ReplicaSet or a notebook what made that', () => {
  expect(ownerOf(pod('Job', 'train'))).toEqual({ kind: 'Job', name: 'train' })
  expect(ownerOf(pod('ReplicaSet', 'web-5d4', { 'pod-template-hash': '5d4' }))).toEqual({
    kind: 'Deployment',
    name: 'web',
  })
  expect(ownerOf(pod('ReplicaSet', 'web-5d4'))).toEqual({ kind: 'ReplicaSet', name: 'web-5d4' })
  expect(ownerOf(pod('StatefulSet', 'nb', { 'notebook-name': 'nb' }))).toEqual({ kind: 'Notebook', name: 'nb' })
  expect(ownerOf(pod('StatefulSet', 'db', { 'notebook-name': 'nb' }))).toEqual({ kind: 'StatefulSet', name: 'db' })
})

it('is not known where none is named, or what is named could mean something else', () => {
  const wrong = [null, 1, {}, { metadata: { ownerReferences: 'x' } }, { metadata: { ownerReferences: [null] } }]
  for (const one of [
    ...wrong,
    pod('Job', 'a\r\nset-cookie: x'),
    pod('Job', 'a/b'),
    pod('', 'a'),
    pod('Job', 1),
    pod('Job', 'a', {}, 'true'),
  ])
    expect(ownerOf(one)).toBeUndefined()
})

it('is read from a header as it was written there, and from nothing else', () => {
  expect(readOwner(writeOwner({ kind: 'Job', name: 'train-7' }))).toEqual({ kind: 'Job', name: 'train-7' })
  for (const one of [undefined, '', '/', 'Job', 'Job/', 'Job/a/b', ['Job/a'], 'Job/\u001b'])
    expect(readOwner(one)).toBeUndefined()
})
