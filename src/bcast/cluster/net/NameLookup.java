package bcast.cluster.net;

import bcast.base.FaultHandler;
import bcast.base.Worker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Looks up host names, which takes minutes where name servers are silent. Each name has a thread,
 * up to a number of them, so that one does not wait for another; threads are started as they are
 * needed. Owned by the cluster's thread; answers are handed over on the threads of the lookup.
 */
public final class NameLookup {

    /** Where addresses come from; the default is the JDK. */
    interface Resolver {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    private record Question(String name, Consumer<List<InetAddress>> answer) {}

    private final String threads;
    private final int maxThreads;
    private final int maxNames;
    private final Resolver resolver;
    private final FaultHandler fault;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();
    private final List<Worker> workers = new ArrayList<>();

    /**
     * No name is looked up yet.
     *
     * @param threads what the names of the threads begin with
     * @param maxThreads most threads: with as many silent names the others wait
     * @param maxNames most names that are looked up or wait at once
     * @param fault told if a thread fails
     */
    public NameLookup(String threads, int maxThreads, int maxNames,
            FaultHandler fault) {
        this(threads, maxThreads, maxNames, InetAddress::getAllByName, fault);
    }

    NameLookup(String threads, int maxThreads, int maxNames, Resolver resolver,
            FaultHandler fault) {
        this.threads = threads;
        this.maxThreads = maxThreads;
        this.maxNames = maxNames;
        this.resolver = resolver;
        this.fault = fault;
    }

    /**
     * Looks up a name.
     *
     * @param name a host name
     * @param answer told all addresses found; none if the name is not known
     * @return whether an answer will follow: false if the name is being looked up already, or if
     *     too many are
     */
    public boolean ask(String name, Consumer<List<InetAddress>> answer) {
        if (asked.size() >= maxNames || !asked.add(name)) {
            return false;
        }
        questions.add(new Question(name, answer));
        if (workers.size() < Math.min(maxThreads, asked.size())) {
            Worker worker = new Worker(threads + "-" + (workers.size() + 1), this::work, fault);
            workers.add(worker);
            worker.start();
        }
        return true;
    }

    private void work() throws InterruptedException {
        while (true) {
            Question question = questions.take();
            List<InetAddress> found;
            try {
                found = Arrays.asList(resolver.addresses(question.name()));
            } catch (UnknownHostException e) {
                found = List.of();
            }
            asked.remove(question.name());
            question.answer().accept(found);
        }
    }

    /** Ends each thread once its lookup is answered. */
    public void stop() {
        workers.forEach(Worker::interrupt);
    }
}
