/** The Grafana dashboard as Grafana imports it; `dashboard.json` is its output. No panel names a data source of its own. */
import { type Panel, ROWS } from './panels.ts'

const WIDTH = 24
const HEIGHT = 8
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** As Grafana imports it (schema 39, Grafana 11); numbers of panels follow from their order. */
export function dashboard(): object {
  let [id, y] = [0, 0]
  const panels = ROWS.flatMap((row) => {
    const head = {
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: WIDTH, h: 1 },
      panels: [],
    }
    const w = Math.floor(WIDTH / row.panels.length)
    const h = row.panels.every(({ type }) => type === 'stat') ? HEIGHT / 2 : HEIGHT
    const placed = row.panels.map((panel, index) => panelAt(panel, ++id, { x: index * w, y, w, h }))
    y += h
    return [head, ...placed]
  })
  const variable = { hide: 0, includeAll: false, multi: false, options: [], refresh: 1, skipUrlSync: false }
  return {
    uid: 'kerbside',
    title: 'Kerbside',
    tags: ['kerbside'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [
        { ...variable, name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          ...variable,
          name: 'namespace',
          type: 'query',
          label: 'Namespace of pods',
          datasource: DATASOURCE,
          query: 'label_values(kerbside_ready, namespace)',
          includeAll: true,
          allValue: '.*',
          multi: true,
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels,
  }
}

type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number }

function panelAt({ title, says, unit, type = 'timeseries', queries }: Panel, id: number, gridPos: Place): object {
  return {
    id,
    type,
    title,
    description: says,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: unit === 'dateTimeFromNow' ? undefined : 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend ?? '',
    })),
  }
}
