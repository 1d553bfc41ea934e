/** The lab's secret store survives what tests do to it: it is stopped and started again, and still knows everything. */
import { expect, it } from 'vitest'
import { attach } from './lab.ts'
import { openbao } from './openbao.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside a lab')
const store = openbao(lab.folder)

it('keeps secrets over a restart', async () => {
  await store.putSecret('kept', { word: 'kept' })
  await lab.stop('openbao')
  await expect(store.call('kv/data/kept')).rejects.toThrow(/ECONNREFUSED/)
  await lab.start('openbao')
  const answer = await store.call<{ data: { data: unknown } }>('kv/data/kept')
  expect(answer.data.data).toEqual({ word: 'kept' })
})
