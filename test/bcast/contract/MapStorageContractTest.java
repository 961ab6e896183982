package bcast.contract;

import bcast.base.Clock;
import bcast.storage.Storage;
import bcast.testing.Contexts;
import bcast.testing.Stores;

/** The default store. */
final class MapStorageContractTest extends StorageContract {

    @Override
    protected Storage newStorage(long retentionMs, Clock with) {
        return Stores.map(retentionMs, 1_000, 64 << 20, Contexts.quiet(with));
    }
}
