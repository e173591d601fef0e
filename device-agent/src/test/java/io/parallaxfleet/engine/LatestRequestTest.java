package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LatestRequestTest {
    private final List<Integer> done = new CopyOnWriteArrayList<>();

    @Test
    void whatIsAskedWhileSomethingIsBeingDoneGivesWayToWhatIsAskedLater() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (LatestRequest<Integer> requests = new LatestRequest<>("test", request -> {
            begun.countDown();
            uninterruptibly(go);
            done.add(request);
        })) {
            requests.ask(1);
            begun.await();
            requests.ask(2);
            requests.ask(3);
            go.countDown();
            requests.await();
        }
        assertEquals(List.of(1, 3), done);
    }

    @Test
    void nothingBeginsAfterClosing() throws InterruptedException {
        LatestRequest<Integer> requests = new LatestRequest<>("test", done::add);
        requests.close();
        requests.ask(1);
        requests.await();
        assertEquals(List.of(), done);
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }
}
