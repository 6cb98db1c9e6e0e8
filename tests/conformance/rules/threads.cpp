// Threads (TN-THR).
#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::threads_test {
namespace {

// Runs `body(0) ... body(count - 1)` at once; the first failure of any is thrown here.
void on_threads(int count, const std::function<void(int)>& body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  if (first) std::rethrow_exception(first);
}

constexpr int thread_count = 4;

size_t threads_of_the_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

// A thread that was joined may stand in the list for a moment longer.
size_t threads_left(size_t expected) {
  for (int i = 0; i < 1000000 && threads_of_the_process() > expected; ++i)
    std::this_thread::yield();
  return threads_of_the_process();
}

}  // namespace

CONFORMANCE_TEST(threads, make_and_destroy_objects_at_once, {.rules = {"TN-THR-1"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_device* device = subject.device();
  const int rounds = context.full() ? 400 : 60;
  on_threads(thread_count, [&](int id) {
    tn_error error{};
    for (int round = 0; round < rounds; ++round) {
      const uint64_t size = 64 + static_cast<uint64_t>((round * 37 + id * 911) % 5000);
      tn_buffer* buffer = nullptr;
      tn_stream* stream = nullptr;
      tn_event* event = nullptr;
      tn_device* second = nullptr;
      check_ok("TN-THR-1", "buffer_allocate",
               table.buffer_allocate(device, TN_MEMORY_DEVICE, size, &buffer, &error), error);
      check_ok("TN-THR-1", "stream_create", table.stream_create(device, nullptr, &stream, &error),
               error);
      check_ok("TN-THR-1", "event_create", table.event_create(device, &event, &error), error);
      check_ok("TN-THR-1", "device_open", table.device_open(subject.backend(), 0, &second, &error),
               error);
      tn_device_memory memory{sizeof(tn_device_memory), 0, 0, 0};
      check_ok("TN-THR-1", "device_memory", table.device_memory(second, &memory, &error), error);
      const auto value = static_cast<uint32_t>(round * thread_count + id);
      uint32_t found[16] = {};
      check_ok("TN-THR-1", "fill", table.fill(stream, buffer, 0, 64, value, 4, &error), error);
      check_ok("TN-THR-1", "copy_d2h", table.copy_d2h(stream, buffer, 0, found, 64, &error), error);
      check_ok("TN-THR-1", "event_record", table.event_record(event, stream, &error), error);
      check_ok("TN-THR-1", "event_synchronize", table.event_synchronize(event, &error), error);
      check_equal("TN-THR-1", "a buffer that no other thread knows",
                  std::vector<uint32_t>(16, value), std::vector<uint32_t>(found, found + 16));
      check_ok("TN-THR-1", "stream_destroy", table.stream_destroy(stream, &error), error);
      check_ok("TN-THR-1", "event_destroy", table.event_destroy(event, &error), error);
      check_ok("TN-THR-1", "buffer_free", table.buffer_free(buffer, &error), error);
      check_ok("TN-THR-1", "device_close", table.device_close(second, &error), error);
    }
  });
}

CONFORMANCE_TEST(threads, make_and_destroy_backends_at_once, {.rules = {"TN-THR-1", "TN-DEV-3"}}) {
  const auto options = context.options();
  context.plugin();
  std::vector<std::unique_ptr<Subject>> subjects(thread_count);
  on_threads(thread_count, [&](int id) {
    for (int round = 0; round < 5; ++round) {
      subjects[id] = context.another(options);
      tn_buffer* data = subjects[id]->filled<int32_t>({id, round});
      check_equal("TN-THR-1", "a buffer of one of several backends",
                  std::vector<int32_t>({id, round}), subjects[id]->values<int32_t>(data, 2));
      subjects[id].reset();
    }
  });
}

// What a driver or a run-time library below the plugin starts with the first backend may stay.
CONFORMANCE_TEST(threads, end_with_their_backend,
                 {.rules = {"TN-THR-5"}, .without_backend = true}) {
  const auto come_and_go = [&] {
    const auto subject = context.another(context.options());
    std::vector<tn_stream*> streams(4);
    for (tn_stream*& stream : streams)
      stream = subject->stream();
    tn_buffer* data = subject->buffer(1 << 16);
    for (uint32_t i = 0; i < streams.size(); ++i)
      fill(*subject, streams[i], data, i, 1);
    for (tn_stream* stream : streams)
      subject->synchronize(stream);
    subject->finish();
  };
  come_and_go();
  const size_t before = threads_of_the_process();
  for (int i = 0; i < 3; ++i)
    come_and_go();
  check_equal("TN-THR-5", "threads after backends came and went", before, threads_left(before));
}

CONFORMANCE_TEST(threads, drive_streams_of_their_own, {.rules = {"TN-THR-2", "TN-STR-1"}}) {
  Subject& subject = context.subject();
  const int steps = context.full() ? 5000 : 800;
  std::vector<tn_stream*> streams;
  std::vector<tn_buffer*> buffers;
  std::vector<std::unique_ptr<Op<tn_copy_cast_args>>> moves;
  for (int id = 0; id < thread_count; ++id) {
    streams.push_back(subject.stream());
    buffers.push_back(subject.buffer(64));
    moves.push_back(std::make_unique<Op<tn_copy_cast_args>>(move_one(subject, buffers[id], 0, 1)));
  }
  on_threads(thread_count, [&](int id) {
    std::vector<uint32_t> found(steps);
    std::vector<uint32_t> expected(steps);
    for (int step = 0; step < steps; ++step) {
      expected[step] = static_cast<uint32_t>(step * thread_count + id);
      fill(subject, streams[id], buffers[id], 0, expected[step]);
      moves[id]->enqueue(streams[id]);
      copy(subject, streams[id], buffers[id], 1, 2);
      download(subject, streams[id], buffers[id], 2, 1, &found[step]);
      if (step % 97 == 0) subject.synchronize(streams[id]);
    }
    subject.synchronize(streams[id]);
    check_equal("TN-THR-2", fmt::format("what stream {} carried", id), expected, found);
  });
}

CONFORMANCE_TEST(threads, ask_beside_the_one_that_enqueues, {.rules = {"TN-THR-3"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.buffer(8);
  const int steps = context.full() ? 4000 : 800;
  std::atomic<bool> over{false};
  on_threads(3, [&](int id) {
    if (id == 0) {
      struct Finally {
        std::atomic<bool>& flag;
        ~Finally() { flag = true; }
      } finally{over};
      for (int step = 0; step < steps; ++step) {
        fill(subject, stream, data, 0, static_cast<uint32_t>(step));
        copy(subject, stream, data, 0, 1);
      }
      return;
    }
    while (!over) {
      if (id == 1) {
        subject.done(stream);
      } else {
        subject.synchronize(stream);
      }
    }
  });
  subject.synchronize(stream);
  check_equal("TN-THR-3", "the last value", static_cast<uint32_t>(steps - 1),
              subject.values<uint32_t>(data, 2)[1]);
}

CONFORMANCE_TEST(threads, synchronise_while_another_enqueues,
                 {.rules = {"TN-THR-3", "TN-STR-5"},
                  .needs = TN_CAN_CALL_HOST,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.buffer(4);
  std::atomic<bool> opened{false};
  std::promise<void> started;
  Gate gate(subject);
  gate.enter(stream);
  on_threads(2, [&](int id) {
    if (id == 1) {
      started.set_value();
      subject.synchronize(stream);  // of work that the other thread has not released yet
      check(opened, "TN-STR-5", "stream_synchronize on another thread", "a return after the work",
            "a return before it");
      return;
    }
    started.get_future().wait();
    fill(subject, stream, data, 0, 1);
    gate.linger();
    check(!subject.done(stream), "TN-THR-3", "stream_query beside stream_synchronize", "not done",
          "done");
    opened = true;
    gate.open();
  });
}

// Each thread owns a stream and an event. In every round it waits for its neighbour's latest
// record, whichever that is, and asks about it; a token that only waits can carry goes round.
CONFORMANCE_TEST(threads, hand_events_around,
                 {.rules = {"TN-THR-4", "TN-EVT-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const int rounds = context.full() ? 2000 : 300;
  std::vector<tn_stream*> streams;
  std::vector<tn_event*> events;
  std::vector<uint64_t> seeds;
  for (int id = 0; id < thread_count; ++id) {
    streams.push_back(subject.stream());
    events.push_back(subject.event());
    seeds.push_back(context.random()());
  }
  tn_buffer* data = subject.filled(std::vector<uint32_t>(16, 0));
  on_threads(thread_count, [&](int id) {
    std::mt19937_64 random(seeds[id]);
    for (int round = 0; round < rounds; ++round) {
      tn_event* other = events[random() % thread_count];
      switch (random() % 4) {
        case 0:
          wait(subject, streams[id], other);
          break;
        case 1:
          subject.done(other);
          break;
        case 2:
          synchronize(subject, other);
          break;
        default:
          fill(subject, streams[id], data, static_cast<uint64_t>(id), static_cast<uint32_t>(round));
          record(subject, events[id], streams[id]);
      }
    }
    subject.synchronize(streams[id]);
  });
}

CONFORMANCE_TEST(threads, pass_work_on_by_events, {.rules = {"TN-THR-4", "TN-THR-2"}}) {
  Subject& subject = context.subject();
  const uint32_t rounds = context.full() ? 1000 : 100;
  std::vector<tn_stream*> streams;
  std::vector<tn_event*> events;
  for (int id = 0; id < thread_count; ++id) {
    streams.push_back(subject.stream());
    events.push_back(subject.event());
  }
  tn_buffer* data = subject.filled(std::vector<uint32_t>(thread_count * rounds + 1, 0));
  std::atomic<uint32_t> turn{0};
  tn_stream* first = subject.stream();
  fill(subject, first, data, 0, 99);
  subject.synchronize(first);
  on_threads(thread_count, [&](int id) {
    for (uint32_t round = 0; round < rounds; ++round) {
      const uint32_t mine = round * thread_count + static_cast<uint32_t>(id);
      for (uint32_t now = turn; now != mine; now = turn) {
        if (now == UINT32_MAX) return;  // another thread has failed
        turn.wait(now);
      }
      try {
        if (mine > 0) wait(subject, streams[id], events[(id + thread_count - 1) % thread_count]);
        copy(subject, streams[id], data, mine, mine + 1);
        record(subject, events[id], streams[id]);
      } catch (...) {
        turn = UINT32_MAX;
        turn.notify_all();
        throw;
      }
      turn = mine + 1;  // the next thread enqueues, while this one's work may still run
      turn.notify_all();
    }
  });
  subject.synchronize(streams.back());
  check_equal("TN-THR-4", "a word that was passed on through all streams",
              std::vector<uint32_t>(thread_count * rounds + 1, 99),
              subject.values<uint32_t>(data, thread_count * rounds + 1));
}

}  // namespace tenon::conformance::threads_test
