package storage;

import bcast.base.Clock;
import bcast.data.Data;
import bcast.storage.Arrival;
import bcast.storage.Position;
import bcast.storage.Storage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps the three orders of a store in three maps: by id, by time, by arrival. What has expired is
 * deleted before each answer, so a wall clock that jumps ahead empties this store.
 */
final class TreeStorage implements Storage {

    private final Map<String, Arrival> byId = new HashMap<>();
    private final TreeMap<Position, Arrival> byTime = new TreeMap<>();
    private final TreeMap<Long, Arrival> byArrival = new TreeMap<>();
    private final long retentionMs;
    private final Clock clock;
    private long last;

    TreeStorage(long retentionMs, Clock clock) {
        this.retentionMs = retentionMs;
        this.clock = clock;
    }

    @Override public Change add(Data data) { return put(data, false); }
    @Override public Change merge(Data data) { return put(data, true); }
    @Override public long retentionMs() { return retentionMs; }
    @Override public synchronized long lastArrival() { return last; }
    @Override public synchronized int size() { return byId.size(); }

    @Override public synchronized Optional<Data> get(String id) {
        return Optional.ofNullable(swept(byId).get(id)).map(Arrival::data);
    }

    @Override public synchronized List<Data> page(Position from, long toMs, int limit) {
        return swept(byTime).tailMap(from, false).values().stream().map(Arrival::data)
                .takeWhile(data -> data.timestamp() < toMs).limit(limit).toList();
    }

    @Override public synchronized List<Arrival> arrivals(long afterSeq, int limit) {
        return swept(byArrival).tailMap(afterSeq, false).values().stream().limit(limit).toList();
    }

    private synchronized Change put(Data data, boolean fromPeer) {
        Arrival held = swept(byId).get(data.id());
        if (held != null && !(fromPeer && Data.MERGE.compare(data, held.data()) < 0)) {
            return new Change.Kept(held.data());
        }
        Optional.ofNullable(held).ifPresent(this::remove);
        Arrival stored = new Arrival(++last, data, fromPeer);
        byId.put(data.id(), stored);
        byTime.put(Position.after(data), stored);
        byArrival.put(last, stored);
        return held == null ? new Change.Added(data) : new Change.Replaced(data, held.data());
    }

    private <T> T swept(T map) {
        Position oldest = new Position(clock.wallMs() - retentionMs + 1, "");
        List.copyOf(byTime.headMap(oldest).values()).forEach(this::remove);
        return map;
    }

    private void remove(Arrival held) {
        byId.remove(held.data().id());
        byTime.remove(Position.after(held.data()));
        byArrival.remove(held.seq());
    }
}
