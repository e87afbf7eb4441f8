const toBytes = (value) => Buffer.from(JSON.stringify(value));
const fromBytes = (bytes) => JSON.parse(bytes.toString());

/** The service of harness/echo.ts, as a generated stub would have it. */
export const SAY = {
  Say: {
    path: '/test.Echo/Say',
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    requestDeserialize: fromBytes,
    responseSerialize: toBytes,
    responseDeserialize: fromBytes,
  },
};
