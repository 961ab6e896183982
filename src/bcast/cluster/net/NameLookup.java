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
 * Looks up host names, which takes minutes if name servers do not answer. Each name has a thread,
 * so that it does not delay the others, up to a maximum of threads, which are started when they
 * are needed. Owned by the cluster's thread; answers are handed over on the threads of the lookup.
 */
public final class NameLookup {

    /** The source of addresses; the default is the JDK. */
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
     * @param threads prefix of the threads' names
     * @param maxThreads most threads, and so most names that are looked up at once
     * @param maxNames most names that are looked up or wait
     * @param fault called if a thread fails
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
     * @param answer receives all addresses found, none for an unknown name, on another thread
     * @return whether an answer will follow: false if the name is being looked up already, or too
     *     many names are
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

    /** Ends each thread as soon as its current lookup is finished. */
    public void stop() {
        workers.forEach(Worker::interrupt);
    }
}
