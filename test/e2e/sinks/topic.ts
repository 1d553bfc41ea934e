/** A topic of the lab's Kafka, made for a test and read back by a client that was not the one that wrote. */
import { Admin, Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka'
import { KAFKA_INSIDE } from '../../lab/parts/kafka.ts'

export type Message = { readonly key: string; readonly value: string; readonly partition: number }

export async function makeTopic(topic: string): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [KAFKA_INSIDE] })
  await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 })
  await admin.close()
}

export async function removeTopic(topic: string): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [KAFKA_INSIDE] })
  await admin.deleteTopics({ topics: [topic] })
  await admin.close()
}

/** Reads from the beginning, in the order of each partition, until `isEnough` says so. */
export async function readTopic(
  topic: string,
  isEnough: (messages: readonly Message[]) => boolean,
): Promise<readonly Message[]> {
  const consumer = new Consumer({
    clientId: 'test',
    groupId: `test-${topic}`,
    bootstrapBrokers: [KAFKA_INSIDE],
    deserializers: stringDeserializers,
  })
  const messages: Message[] = []
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, autocommit: false })
  try {
    for await (const { key, value, partition } of stream) {
      messages.push({ key, value, partition })
      if (isEnough(messages)) break
    }
  } finally {
    await stream.close()
    await consumer.close(true)
  }
  return messages
}
