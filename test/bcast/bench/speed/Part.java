package bcast.bench.speed;

import java.io.IOException;

/** One of the things that are measured. */
interface Part {

    /** What is done before anything is counted. */
    String warmUp();

    /** Fails if a program that the part needs is not there. */
    default void check() throws IOException {
        // Most parts need no more than a JDK.
    }

    void run(Jdk jdk, Figures figures) throws Exception;
}
