package eventbus;

import bcast.Config;
import bcast.Credentials;
import bcast.Launcher;
import bcast.Node;
import bcast.base.Context;
import bcast.base.StartException;
import bcast.cluster.Cluster;
import bcast.cluster.GossipCluster;
import bcast.core.Core;
import bcast.eventbus.EventBus;
import bcast.http.Frontend;
import bcast.http.HttpModule;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.storage.Storage;
import bcast.storage.journal.Journal;
import bcast.validator.Validator;
import java.io.IOException;

/** The default program with another event bus. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        Launcher.main(args, Main::node);
    }

    /** Makes the modules, each after those that it is given. */
    static Node node(Config config, Context context) throws StartException, IOException {
        Credentials credentials = new Credentials(config, context);
        EventBus bus = new SemaphoreEventBus();
        Validator validator = credentials.validator(bus);
        Storage storage = new MapStorage(config.limits(), credentials::hashKeys, context);
        Durability disk = config.dataDir().isEmpty() ? Durability.NONE
                : new Journal(config.dataDir().get(), config.sync(), storage,
                        config.maxSkewMs(), context);
        Core core = new Core(validator, storage, disk, config.confirmed(), bus, config.timing(),
                context);
        Cluster cluster = new GossipCluster(config.clusterSettings(validator, credentials),
                storage, bus, context);
        Frontend http = new HttpModule(config.httpSettings(validator, credentials), core, storage,
                cluster, context);
        return new Node(config, credentials, validator, storage, disk, core, cluster, http,
                context);
    }
}
