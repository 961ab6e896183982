package bcast.contract;

import bcast.base.Clock;
import bcast.storage.Storage;

/** The example of a store. */
final class TreeStorageContractTest extends StorageContract {

    @Override
    protected Storage newStorage(long retentionMs, Clock with) throws Exception {
        return Examples.make(Storage.class, "storage.TreeStorage", retentionMs, with);
    }
}
