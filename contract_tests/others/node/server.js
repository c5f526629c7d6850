// Serves the guide on 127.0.0.1: node server.js PROTO PORT.
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [proto, port] = process.argv.slice(2);
const definition = loader.loadSync(proto, { keepCase: true, longs: String, defaults: true });
const { Guide } = grpc.loadPackageDefinition(definition).routes.v1;

const places = [
  { name: "Old mill", at: { latitude: 407838351, longitude: -746143763 } },
  { name: "Harbour", at: { latitude: 0, longitude: 0 } },
];
const notes = new Map();

const key = (point) => `${point?.latitude ?? 0} ${point?.longitude ?? 0}`;
const placeAt = (point) => places.find((place) => key(place.at) === key(point));
const between = (value, a, b) => Math.min(a, b) <= value && value <= Math.max(a, b);

function getPlace(call, callback) {
  callback(null, placeAt(call.request) ?? { name: "", at: call.request });
}

function listPlaces(call) {
  const { low, high } = call.request;
  if (!low || !high) {
    call.emit("error", { code: grpc.status.INVALID_ARGUMENT, details: "low and high are required" });
    return;
  }
  for (const place of places) {
    const { latitude, longitude } = place.at;
    if (
      between(latitude, low.latitude, high.latitude) &&
      between(longitude, low.longitude, high.longitude)
    ) {
      call.write(place);
    }
  }
  call.end();
}

function record(call, callback) {
  const summary = { points: 0, places: 0, distance: 0 };
  let last = null;
  call.on("data", (point) => {
    summary.points += 1;
    summary.places += placeAt(point) ? 1 : 0;
    if (last) {
      summary.distance +=
        Math.abs(last.latitude - point.latitude) + Math.abs(last.longitude - point.longitude);
    }
    last = point;
  });
  call.on("end", () => callback(null, summary));
}

function chat(call) {
  call.on("data", (note) => {
    const left = notes.get(key(note.at)) ?? [];
    left.push(note);
    notes.set(key(note.at), left);
    left.forEach((one) => call.write(one));
  });
  call.on("end", () => call.end());
}

const server = new grpc.Server();
server.addService(Guide.service, { getPlace, listPlaces, record, chat });
server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) {
    throw error;
  }
});
