/** The file of the login: strict, and every problem at once. */
import { describe, expect, it } from 'vitest'
import { may, readerOf } from '../../../src/review/login/reader.ts'
import { readLoginSettings } from '../../../src/review/login/settings.ts'

const GOOD = {
  issuer: 'https://login.lab',
  clientId: 'kerbside-review',
  clientSecretFile: '/etc/secret',
  url: 'https://audit.lab',
  reviewers: ['security'],
}

describe('the settings of the login', () => {
  it('need little, and ask for the claim `groups` and a working day', () => {
    const read = readLoginSettings(GOOD, 'login.yaml')
    expect(read).toEqual({
      ...GOOD,
      scopes: [],
      claim: 'groups',
      auditors: [],
      teamLeads: new Map(),
      sessionMinutes: 480,
    })
  })

  it.each([
    [{ issuer: 'http://login.lab' }, '`issuer` is not a URL that begins with `https://`'],
    [{ issuer: 'https://user@login.lab' }, '`issuer` is not a URL'],
    [{ url: 'https://audit.lab/pages' }, '`url` has a path'],
    [{ clientId: '' }, '`clientId` is empty'],
    [{ clientSecret: 'x' }, '`clientSecret` is not a setting of the login'],
    [{ scopes: ['two words'] }, '`scopes.0` is no scope'],
    [{ reviewers: 'security' }, '`reviewers` is not a array'],
    [{ reviewers: [] }, 'nobody may see anything'],
    [{ teamLeads: { leads: [] } }, '`teamLeads.leads` names no team'],
    [{ sessionMinutes: 100_000 }, '`sessionMinutes` is more than 1440'],
  ])('are refused: %j', (wrong, sentence) => {
    const read = () => readLoginSettings({ ...GOOD, ...wrong }, 'login.yaml')
    expect(read).toThrow(expect.objectContaining({ code: 'bad-settings', message: expect.stringContaining(sentence) }))
  })
})

describe('a role', () => {
  const settings = readLoginSettings(
    { ...GOOD, auditors: ['audit'], teamLeads: { leads: ['quant'], __proto__x: ['climate'] } },
    'login.yaml',
  )
  const of = (groups: unknown) => readerOf({ iss: 'i', sub: 's', groups }, settings)

  it.each([
    [['audit', 'security', 'leads'], 'auditor', undefined],
    ['security', 'reviewer', undefined],
    [['leads', 'x'], 'team-lead', ['quant']],
  ])('comes from the claim: %j', (groups, role, teams) => {
    expect(of(groups)).toEqual({ id: 'i s', name: 's', role, ...(teams && { teams }) })
  })

  it.each([
    undefined,
    null,
    [],
    '',
    'Security',
    ['security', 7],
    { security: true },
    true,
    'constructor',
    ['__proto__'],
  ])('is none for what is not named: %j', (groups) => expect(of(groups)).toBeUndefined())

  it('is none from a claim that every object has', () => {
    const inherited = { ...settings, claim: 'constructor', reviewers: ['Object'] }
    expect(readerOf({ iss: 'i', sub: 's' }, inherited)).toBeUndefined()
  })

  it('lets a lead see records alone, and only an auditor who looked', () => {
    const [lead, reviewer, auditor] = [of('leads'), of('security'), of('audit')]
    const seen = [lead, reviewer, auditor].map((reader) =>
      (['records', 'everything', 'views'] as const).filter((need) => reader !== undefined && may(reader, need)),
    )
    expect(seen).toEqual([['records'], ['records', 'everything'], ['records', 'everything', 'views']])
  })
})
