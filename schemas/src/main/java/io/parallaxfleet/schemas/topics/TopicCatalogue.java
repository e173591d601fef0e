package io.parallaxfleet.schemas.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the fleet's topics; topics that exist are left as they are. */
public final class TopicCatalogue {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private TopicCatalogue() {}

    /**
     * Creates every missing topic of {@link Topic} with its partition count and cleanup policy.
     *
     * @param replicationFactor replicas of each new topic; empty takes the broker's default
     * @return the topics that were created by this call
     * @throws BrokerUnavailableException when the brokers refuse or do not answer, after 30 s or the client's own patience
     */
    public static List<Topic> createMissing(Admin admin, Optional<Short> replicationFactor) {
        try {
            Set<String> present = admin.listTopics().names().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            List<Topic> missing = new ArrayList<>();
            Collection<NewTopic> requests = new ArrayList<>();
            for (Topic topic : Topic.values()) {
                if (!present.contains(topic.topicName())) {
                    missing.add(topic);
                    requests.add(new NewTopic(topic.topicName(), Optional.of(topic.partitions()), replicationFactor)
                            .configs(topic.configuration()));
                }
            }
            try {
                admin.createTopics(requests).all().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                // Another process may create the same topics at the same moment; that is not an error.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            return List.copyOf(missing);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while creating the fleet's topics", e);
        } catch (TimeoutException | ExecutionException e) {
            throw new BrokerUnavailableException(
                    "the Kafka brokers did not create the fleet's topics (" + reason(e)
                            + "); check the bootstrap address, that a broker is running and that it has as many brokers as replicas",
                    e);
        }
    }

    private static String reason(Exception failure) {
        Throwable cause = failure instanceof ExecutionException ? failure.getCause() : failure;
        return cause.getMessage() == null ? "no answer in " + TIMEOUT.toSeconds() + " s" : cause.getMessage();
    }
}
