package bcast.testing;

import bcast.base.Context;
import bcast.storage.MapStorage;
import java.util.List;

/** Stores for tests. */
public final class Stores {

    private Stores() {}

    /** A default store whose hashes have the one key of tests. */
    public static MapStorage map(long retentionMs, long maxSkewMs, long maxBytes,
            Context context) {
        return new MapStorage(new MapStorage.Limits(retentionMs, maxSkewMs, maxBytes),
                () -> List.of(News.KEY), context);
    }
}
