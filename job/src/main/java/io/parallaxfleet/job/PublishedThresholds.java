package io.parallaxfleet.job;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.decode.ControlRules;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import io.parallaxfleet.schemas.topics.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The newest updates of each class on the thresholds topic. Immutable.
 *
 * @param newest by class, by epoch: what the whole class runs, and where a share of it tries something under a higher epoch, that
 */
record PublishedThresholds(Map<ClassKey, List<ThresholdUpdate>> newest) {
    PublishedThresholds {
        newest = Map.copyOf(newest);
    }

    /**
     * Reads the topic from its start to its present end.
     *
     * @throws io.parallaxfleet.schemas.topics.BrokerUnavailableException when the brokers do not answer in time
     */
    static PublishedThresholds read(JobOptions options) {
        Map<ClassKey, List<ThresholdUpdate>> newest = new HashMap<>();
        for (ThresholdUpdate update
                : ControlTopic.of(options, Topic.THRESHOLDS, ThresholdUpdate.class, ControlRules::firstFault).read()) {
            newest.merge(new ClassKey(update.getDeviceClass(), update.getSimulated()), List.of(update),
                    (known, fresh) -> newestOf(known, fresh.get(0)));
        }
        return new PublishedThresholds(newest);
    }

    // Of what all run the newest, and of what a share tries the newest above it.
    static List<ThresholdUpdate> newestOf(List<ThresholdUpdate> known, ThresholdUpdate fresh) {
        List<ThresholdUpdate> all = Stream.concat(known.stream(), Stream.of(fresh))
                .sorted(Comparator.comparingLong(ThresholdUpdate::getEpoch))
                .toList();
        List<ThresholdUpdate> newest = new ArrayList<>();
        for (ThresholdUpdate update : all) {
            newest.removeIf(older -> !ThresholdKeys.isCandidate(update) || ThresholdKeys.isCandidate(older));
            newest.add(update);
        }
        return List.copyOf(newest);
    }
}
