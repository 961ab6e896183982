package bcast.cluster.gossip;

import bcast.data.Hash128;
import bcast.storage.StoreView;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Tells which records, known by their hash alone, are worth asking for. */
final class Wanted {

    private final RefusedRecords refused;
    private final NodeSettings settings;

    Wanted(RefusedRecords refused, NodeSettings settings) {
        this.refused = refused;
        this.settings = settings;
    }

    /** Whether a record would not be refused, as far as its hash tells. */
    boolean acceptable(Hash128 key, Now now) {
        return key.timestamp() + settings.retentionMs() > now.wallMs()
                && key.timestamp() <= now.wallMs() + settings.maxSkewMs()
                && !refused.contains(key, now.steadyMs());
    }

    /** Those of some records that are neither held nor to be refused. */
    Set<Hash128> wanted(StoreView store, Collection<Hash128> keys, Now now) {
        Set<Hash128> wanted = new HashSet<>();
        keys.stream().filter(key -> acceptable(key, now)).forEach(wanted::add);
        wanted.removeAll(store.findAll(wanted).keySet());
        return wanted;
    }
}
