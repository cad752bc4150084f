# frozen_string_literal: true

# Controls the Ruby class by lines of JSON. Each line is a request with a time, and gets one line as response.

require_relative "../../examples/ruby/sallyport"

now = 0.0
clock = -> { now }
verifier = introspection = nil
$stderr.reopen(File::NULL)

$stdin.each_line do |line|
  asked = JSON.parse(line)
  now = asked.fetch("now", now)
  answer =
    if (options = asked["open"])
      introspection = options["introspectUrl"] ? Sallyport::Introspection.new(options["introspectUrl"], options["credential"], clock: clock) : false
      fetch = options["jwks"] && -> { options["jwks"] }
      keys = Sallyport::KeySet.new(options["jwksUrl"] || "http://localhost/", fetch: fetch, clock: clock)
      verifier = Sallyport::Verifier.new(issuer: options["issuer"], audience: options["audience"], keys: keys, introspection: introspection, clock: clock)
      nil
    elsif asked["token"]
      begin
        verifier.verify(asked["token"])
        "accepted"
      rescue Sallyport::TokenRefused => e
        e.code
      rescue Sallyport::Unavailable
        "unavailable"
      end
    elsif asked["size"]
      introspection.size
    end
  puts JSON.generate(answer)
  $stdout.flush
end
