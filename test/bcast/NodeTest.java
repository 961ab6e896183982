package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.cluster.Cluster;
import bcast.cluster.Members;
import bcast.core.Core;
import bcast.data.Data;
import bcast.eventbus.EventBus;
import bcast.eventbus.QueueEventBus;
import bcast.http.Frontend;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.Stores;
import bcast.validator.Validator;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The order in which a node starts and stops whatever modules it is given. */
final class NodeTest {

    private static final InetSocketAddress CLIENTS = new InetSocketAddress("127.0.0.1", 7);

    private final List<String> calls = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private int port = 8;
    private Optional<String> unreadable = Optional.empty();
    private Optional<String> unprepared = Optional.empty();

    private final Durability disk = new Durability() {
        @Override
        public void load(Function<Data, Optional<Data>> judge) throws StartException {
            calls.add("load");
            if (unreadable.isPresent()) {
                throw new StartException(unreadable.get());
            }
        }

        @Override
        public void start() {
            calls.add("keep");
        }

        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public Optional<String> await(long seq) {
            return Optional.empty();
        }

        @Override
        public void close() {
            calls.add("disk closed");
        }
    };

    private final Cluster cluster = new Cluster() {
        @Override
        public void start(InetSocketAddress clients) {
            calls.add("link, clients at " + clients.getPort());
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public int peers() {
            return 0;
        }

        @Override
        public Optional<Members> members() {
            return Optional.empty();
        }

        @Override
        public void close() {
            calls.add("cluster closed");
        }
    };

    private final Frontend frontend = new Frontend() {
        @Override
        public void start() {
            calls.add("serve");
        }

        @Override
        public InetSocketAddress address() {
            return CLIENTS;
        }

        @Override
        public void close() {
            calls.add("front end closed");
        }
    };

    private final Validator validator = new Validator() {
        @Override
        public String name() {
            return "any";
        }

        @Override
        public void prepare() {
            calls.add("prepare");
            unprepared.ifPresent(why -> {
                throw new IllegalStateException(why);
            });
        }

        @Override
        public Verdict check(Data data) {
            return new Verdict.Valid(data);
        }
    };

    private Node node(Durability durability, String... flags) throws Exception {
        Context context = Contexts.logging(Clock.system(), Log.Level.INFO, log::add);
        Config config = Config.of(flags);
        EventBus bus = new QueueEventBus(context);
        Storage storage = Stores.map(config.retentionMs(), config.maxSkewMs(), 1 << 20, context);
        Core core = new Core(validator, storage, durability, false, bus, config.timing(), context);
        return new Node(config, new Credentials(config, context), validator, storage, durability,
                core, cluster, frontend, context);
    }

    @Test
    void clientsAreServedOnceTheDiskIsReadAndBeforePeersAreLinked() throws Exception {
        try (Node node = node(disk)) {
            assertEquals(List.of(), calls, "a node that is not started");
            node.start();
            assertEquals(List.of("prepare", "load", "keep", "serve", "link, clients at 7"), calls);
            calls.clear();
        }
        assertEquals(List.of("front end closed", "cluster closed", "disk closed"), calls);
    }

    /** It costs a cold start some 13 ms, but nobody meets a node that can judge nothing. */
    @Test
    void theValidatorPreparesBeforeAnyoneIsServedInMemoryToo() throws Exception {
        try (Node node = node(Durability.NONE)) {
            node.start();
            assertEquals(List.of("prepare", "serve", "link, clients at 7"), calls);
        }
    }

    @Test
    void aValidatorThatCannotWorkServesNobody() throws Exception {
        unprepared = Optional.of("no such model");
        for (Durability durability : List.of(Durability.NONE, disk)) {
            Node node = node(durability);
            assertEquals("no such model",
                    assertThrows(StartException.class, node::start).getMessage());
            assertEquals("prepare", calls.get(0));
            assertFalse(calls.contains("serve") || calls.contains("load"), calls.toString());
            calls.clear();
        }
    }

    @Test
    void aStartThatFailsClosesAllModules() throws Exception {
        unreadable = Optional.of("cannot keep records");
        Node node = node(disk);
        assertEquals("cannot keep records",
                assertThrows(StartException.class, node::start).getMessage());
        assertEquals(List.of("prepare", "load", "front end closed", "cluster closed",
                "disk closed"), calls);
    }

    /** The flags of the default cluster and journal may mean nothing to those of one's own. */
    @Test
    void onlyWhatIsTrueOfItsModulesIsLogged() throws Exception {
        String[] flags = {"-peers=a:1", "-datadir=data"};
        try (Node node = node(Durability.NONE, flags)) {
            node.start();
        }
        String hello = String.join("\n", log);
        assertTrue(hello.contains("cluster \"bcast\" on TCP port 8\n"), hello);
        assertTrue(hello.contains("keeping news for 24h in at most"), hello);
        log.clear();
        port = 0;
        try (Node node = node(disk, flags)) {
            node.start();
        }
        hello = String.join("\n", log);
        assertTrue(hello.contains("cluster \"bcast\"\n"), hello);
        assertTrue(hello.contains("keeping news for 24h in data and in at most"), hello);
        assertFalse(hello.contains("links are") || hello.contains("looking for"), hello);
    }

    /** At an address of its own, where no other test takes a free port. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aNodeThatIsNotStartedFreesItsPortsWhenItIsClosed() throws Exception {
        Context context = Contexts.quiet(Clock.system());
        String bind = "-bind=127.0.0.66";
        Node first = Main.node(Config.of(bind, "-httpport=0", "-group=off"), context);
        String[] ports = {bind, "-group=off",
            "-httpport=" + first.http().address().getPort(),
            "-clusterport=" + first.peers().port()};
        assertThrows(StartException.class, () -> Main.node(Config.of(ports), context));
        first.close();
        // A process that another test just starts may still hold the sockets it inherited.
        Await.until("its ports are free", 10, () -> {
            try {
                Main.node(Config.of(ports), context).close();
                return true;
            } catch (StartException taken) {
                return false;
            }
        });
    }
}
