package bcast.cluster.gossip;

import bcast.data.Hash128;
import bcast.storage.StoreView;

/** Tells which records, known by their hash alone, are worth asking for. */
final class Wanted {

    private final RefusedRecords refused;
    private final Gossip.Settings settings;

    Wanted(RefusedRecords refused, Gossip.Settings settings) {
        this.refused = refused;
        this.settings = settings;
    }

    /** Whether a record would not be refused, as far as its hash tells. */
    boolean acceptable(Hash128 key, Now now) {
        return key.timestamp() + settings.retentionMs() > now.wallMs()
                && key.timestamp() <= now.wallMs() + settings.maxSkewMs()
                && !refused.contains(key, now.steadyMs());
    }

    /** Whether a record is neither held nor to be refused. */
    boolean wanted(StoreView store, Hash128 key, Now now) {
        return acceptable(key, now) && store.find(key).isEmpty();
    }
}
