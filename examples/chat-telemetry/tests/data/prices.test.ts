import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { OwnerDatabase } from '@/lib/database/database'
import { costOf, PRICES } from '@/lib/prices'
import { Random } from '@/scripts/seed/random'
import { onEachDatabase } from './databases'

onEachDatabase('prices', (open) => {
  let database: OwnerDatabase
  before(async () => {
    database = await open()
  })

  test('the database and the application price every model the same', async () => {
    const random = new Random(7)
    const models = [...PRICES.map(({ prefix }) => prefix), 'gpt-5-mini-2025', 'gpt-4o', 'gpt-4.1-nano', 'GPT-4', ' gpt-4', 'o3']
    for (const model of models) {
      for (let round = 0; round < 20; round++) {
        const [input, output] = [random.whole(0, 10 ** random.whole(0, 6)), random.whole(0, 10 ** random.whole(0, 6))]
        const [row] = await database.query<{ cost: string }>('SELECT telemetry_cost($1, $2, $3)::text AS cost', [model, input, output])
        assert.equal(row?.cost, costOf(model, input, output), `${model} ${input} ${output}`)
      }
    }
  })

  test('the rule of the original has the same price where it named one', () => {
    const perMillion = (model: string): readonly number[] => [costOf(model, 1_000_000, 0), costOf(model, 0, 1_000_000)].map(Number)
    assert.deepEqual(perMillion('gpt-5-mini'), [0.25, 2])
    assert.deepEqual(perMillion('gpt-4.1'), [10, 30])
    assert.deepEqual(perMillion('gpt-4-turbo'), [10, 30])
    assert.deepEqual(perMillion('gpt-4-0613'), [30, 60])
    assert.deepEqual(perMillion('gpt-3.5-turbo'), [0.5, 1.5])
    assert.deepEqual(perMillion('claude'), [5, 15])
  })

  test('a row gets its cost when both counts are there, and keeps one that it has', async () => {
    const insert = `INSERT INTO chat_telemetry (session_id, model, start_time, input_tokens, output_tokens, cost_usd)
      VALUES ('s', 'gpt-5-mini', now(), $1, $2, $3) RETURNING cost_usd::text AS cost, total_tokens`
    const made = async (...values: unknown[]): Promise<unknown> => (await database.query(insert, values))[0]
    assert.deepEqual(await made(1000, 500, null), { cost: '0.001250', total_tokens: 1500 })
    assert.deepEqual(await made(1000, null, null), { cost: null, total_tokens: 1000 })
    assert.deepEqual(await made(1000, 500, 9.5), { cost: '9.500000', total_tokens: 1500 })
  })

  test('tokens of old rows are split 30 to 70 and priced', async () => {
    await database.query(`INSERT INTO chat_telemetry (session_id, model, start_time, tokens_used) VALUES ('old', 'gpt-4', now(), 1001)`)
    const [split] = await database.query<{ rows: number }>('SELECT telemetry_split_tokens_used() AS rows')
    assert.equal(split?.rows, 1)
    const [row] = await database.query(`SELECT input_tokens, output_tokens, cost_usd::text AS cost FROM chat_telemetry WHERE session_id = 'old'`)
    assert.deepEqual(row, { input_tokens: 300, output_tokens: 701, cost: costOf('gpt-4', 300, 701) })
  })
})
