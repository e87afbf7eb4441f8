import { type Client, getChannelzHandlers } from '@grpc/grpc-js';

interface ChannelzData {
  readonly state?: { readonly state?: string };
  readonly calls_started?: string | number;
}

/** What channelz, gRPC's own bookkeeping, says of a client's channel. */
export function channelzOf(client: Client): { callsStarted: number; state: string } {
  const channelId = client.getChannel().getChannelzRef().id;
  let data: ChannelzData | undefined;
  const handlers = getChannelzHandlers() as unknown as {
    GetChannel(call: object, callback: (error: unknown, value?: { channel?: { data?: ChannelzData } }) => void): void;
  };
  handlers.GetChannel({ request: { channel_id: channelId } }, (_error, value) => {
    data = value?.channel?.data;
  });
  if (data === undefined) throw new Error('channelz knows nothing of this channel');
  return { callsStarted: Number(data.calls_started), state: data.state?.state ?? '' };
}
