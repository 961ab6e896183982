package bcast;

import bcast.base.Context;
import bcast.base.StartException;
import bcast.cluster.Cluster;
import bcast.cluster.GossipCluster;
import bcast.core.Core;
import bcast.eventbus.EventBus;
import bcast.eventbus.QueueEventBus;
import bcast.http.Frontend;
import bcast.http.HttpModule;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.storage.Storage;
import bcast.storage.journal.Journal;
import bcast.validator.Validator;
import java.io.IOException;

/**
 * The program: the wiring of a node's modules. To replace a module, copy this class into a package
 * of your own, import {@link Config}, {@link Credentials}, {@link Launcher} and {@link Node}, and
 * change the statement that constructs the module.
 *
 * <p>The front end hands a client's record to {@link Core#deliver}: the validator judges it, the
 * core dates it, the storage keeps it, and {@link bcast.eventbus.Event.Accepted} is published on
 * the bus, from which the cluster sends it to all peers. The front end answers the client once
 * {@link Core#settle} returns: the record is on disk, or on a peer, where the command line asks for
 * that. The peers' clusters publish the record as {@link bcast.eventbus.Event.Received}, their
 * cores deliver it in the same way, and their front ends list it from their storage.
 */
public final class Main {

    private Main() {}

    /**
     * Starts a node and stays until it is stopped.
     *
     * @param args flags, see {@code -help}
     * @throws InterruptedException never in practice
     */
    public static void main(String[] args) throws InterruptedException {
        Launcher.main(args, Main::node);
    }

    /** Makes the modules, each after those that it is given. */
    static Node node(Config config, Context context) throws StartException, IOException {
        Credentials credentials = new Credentials(config, context);
        EventBus bus = new QueueEventBus(context);
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
