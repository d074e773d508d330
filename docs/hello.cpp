// SPDX-License-Identifier: BSD-3-Clause
// The server of hello.c in C++, with a loop of its own: a thread of ours runs the turns, and
// the main thread posts a question to the core once a second.
//
//   c++ -std=c++17 hello.cpp -o hello $(pkg-config --cflags --libs handfast)
//   hello -l 0 --no-huge -m 256 --no-pci --vdev=net_tap0,iface=hf0
//   ip addr add 192.0.2.1/24 dev hf0; ip link set hf0 up; nc 192.0.2.2 7777
#include <arpa/inet.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

#include <handfast/engine.h>

namespace {

volatile std::sig_atomic_t over;

// What one core knows: the stack makes an instance for each core and destroys it.
class Greeter
{
public:
	static void *
	create(const void *, int)
	{
		return new Greeter;
	}

	static void
	destroy(void *self)
	{
		delete static_cast<Greeter *>(self);
	}

	static void
	opened(hf_core *h, void *self, hf_conn *c)
	{
		static const char greeting[] = "hello\n"; // static: sent by pointer

		static_cast<Greeter *>(self)->greeted_++;
		hf_send(h, c, greeting, sizeof(greeting) - 1);
	}

	// The packet itself goes back into the send queue: nothing is copied here.
	static uint32_t
	data(hf_core *h, void *, hf_conn *c, const uint8_t *bytes, uint32_t len)
	{
		hf_buf *b = hf_keep(h, c);

		if (b == nullptr)
			return 0; // not taken: the bytes come again
		if (hf_send_buf(h, c, b, bytes, len) != 0) {
			hf_buf_free(h, b);
			return 0;
		}
		return len;
	}

	static void
	draining(hf_core *h, void *, hf_conn *c)
	{
		hf_linger(h, c);
	}

private:
	unsigned long greeted_ = 0;
};

// C++17 has no designated initializers.
hf_service
make_service()
{
	hf_service s{};

	s.name = "hello";
	s.create = Greeter::create;
	s.destroy = Greeter::destroy;
	s.opened = Greeter::opened;
	s.data = Greeter::data; // peer_closed is null: then the stack closes, too
	s.draining = Greeter::draining;
	return s;
}

// Runs on the worker's core, between two turns.
void
tell_time(hf_core *h, void *told_us)
{
	static_cast<std::atomic<uint64_t> *>(told_us)->store(hf_now_us(h));
}

struct Destroy {
	void
	operator()(hf_engine *e) const
	{
		hf_engine_destroy(e);
	}
};

int
serve(hf_engine *e)
{
	static const hf_service hello = make_service();
	std::atomic<uint64_t> told_us{0};

	if (hf_engine_listen(e, {0, htons(7777)}, &hello, nullptr) != 0 ||
	        hf_engine_start(e) != 0)
		return 2;
	std::thread loop([e] {
		hf_thread_enter();
		while (hf_worker_turn(e, 0) != HF_TURN_HALTED)
			;
		hf_thread_leave();
	});
	while (!over) {
		hf_post(e, 0, tell_time, &told_us);
		std::this_thread::sleep_for(std::chrono::seconds(1));
	}
	hf_engine_drain(e, 2000, nullptr, nullptr);
	loop.join();
	std::printf("the core's clock stood at %llu us\n",
	        static_cast<unsigned long long>(told_us.load()));
	return 0;
}

} // namespace

int
main(int argc, char **argv)
{
	hf_port_conf port{};
	hf_engine_conf conf{};
	hf_engine *e = nullptr;

	std::signal(SIGINT, [](int) { over = 1; });
	port.addr = htonl(0xc0000202); // 192.0.2.2/24
	port.netmask = htonl(0xffffff00);
	conf.size = sizeof(conf);
	conf.nports = 1;
	conf.ports = &port;
	conf.packets = 4095;
	conf.own_loop = true;
	if (hf_eal_start(argc, argv) < 0 || hf_engine_create(&e, &conf) != 0)
		return 2;
	int rc;
	{
		std::unique_ptr<hf_engine, Destroy> owner(e);

		rc = serve(e);
	}
	hf_eal_stop();
	return rc;
}
