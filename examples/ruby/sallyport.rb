# frozen_string_literal: true

# Sallyport for Ruby: who is asking, by the access token in `Authorization: Bearer ...`. One file to copy; it needs the gem `jwt`.
#
#   # config.ru, or config.middleware.use in Rails
#   verifier = Sallyport::Verifier.new(
#     issuer: "https://auth.example.com",
#     audience: "billing-api",
#     introspection: Sallyport::Introspection.new("https://auth.example.com/api/auth/introspect", ENV.fetch("SALLYPORT_VERIFIER_SECRET"))
#   )
#   use Sallyport::Guard, verifier
#
#   # behind it
#   principal = env["sallyport.principal"]
#   principal.role?("finance", "owner")
#
# Each token is judged here first, by keys that are fetched once and when they change. What was revoked since then is asked of the auth
# server (RFC 7662); its answer counts for five seconds. Without `introspection:` a token is good until it ends, ten minutes at most.
#
# The rules are those of RFC 8725, RFC 7515 and RFC 9068; the numbers in the comments are their sections. What is wrong with a token is
# never told: `token_invalid` for all of it. `token_expired` and `token_stale` ask the caller to refresh.

require "base64"
require "digest"
require "json"
require "jwt"
require "net/http"
require "openssl"

module Sallyport
  LONGEST_TOKEN = 8192
  CLOCK_TOLERANCE_SECONDS = 5
  LONGEST_LIFE_SECONDS = 3600
  DEEPEST_NESTING = 16

  # 401, with the code by which a client knows whether a refresh helps.
  class TokenRefused < StandardError
    attr_reader :code

    def initialize(code)
      @code = code
      super
    end
  end

  # Nobody can tell right now: that is 503, and no reason to sign anybody out.
  class Unavailable < StandardError; end

  # Whoever is asking.
  Principal = Struct.new(:id, :session_id, :roles, :permissions, keyword_init: true) do
    # One of these is enough.
    def role?(*names)
      names.any? { |name| roles.include?(name) }
    end
  end

  # A Rack middleware: behind it, `env["sallyport.principal"]` is whoever asks.
  class Guard
    TITLES = { 401 => "Sign in first.", 503 => "Try again in a moment." }.freeze

    def initialize(app, verifier)
      @app = app
      @verifier = verifier
    end

    def call(env)
      scheme, token = env["HTTP_AUTHORIZATION"].to_s.b.split(" ", 2)
      return refuse(401, "token_missing") unless token && scheme.casecmp?("bearer")

      env["sallyport.principal"] = @verifier.verify(token)
      @app.call(env)
    rescue TokenRefused => e
      refuse(401, e.code)
    rescue Unavailable
      refuse(503, "unavailable")
    end

    private

    def refuse(status, code)
      headers = { "content-type" => "application/problem+json", "cache-control" => "private, no-store" }
      headers["www-authenticate"] = code == "token_missing" ? "Bearer" : 'Bearer error="invalid_token"' if status == 401
      [status, headers, [JSON.generate(title: TITLES[status], status: status, code: code)]]
    end
  end

  # Judges tokens of one issuer for one audience. `clock` is seconds since 1970.
  class Verifier
    def initialize(issuer:, audience:, keys: KeySet.new("#{issuer}/.well-known/jwks.json"), introspection: nil, clock: -> { Time.now.to_f })
      @issuer = issuer
      @audience = audience
      @keys = keys
      @introspection = introspection
      @clock = clock
    end

    # Returns a Principal. Raises TokenRefused, or Unavailable where keys or revocations cannot be had.
    def verify(token)
      header, payload, signature = Token.take_apart(token)
      check_header(header)
      check_signature(token, signature, @keys.find(header["kid"]))
      claims = Token.parse_object(payload)
      now = @clock.call
      check_claims(claims, now)
      raise TokenRefused, "token_expired" if claims["exp"] <= now
      # It may have ended, or only be out of date: a refresh tells, and signs out nobody who is honest.
      raise TokenRefused, "token_stale" unless @introspection.nil? || @introspection.active?(token)

      Principal.new(id: claims["sub"], session_id: claims["sid"], roles: claims["roles"].freeze,
                    permissions: claims.fetch("permissions", []).freeze).freeze
    end

    private

    # The algorithm is ours to choose, never the token's (RFC 8725 section 3.1); the type is explicit (section 3.11).
    def check_header(header)
      need header["alg"] == "ES256"
      need header["kid"].is_a?(String)
      need header["typ"].is_a?(String) && %w[at+jwt application/at+jwt].include?(header["typ"].downcase)
      # We know no extension, so a token that insists on one is refused (RFC 7515 section 4.1.11); nor tokens in tokens.
      need %w[crit b64 cty].none? { |name| header.key?(name) }
    end

    # r and s, 32 bytes each: a library that pads or cuts them would know a token by several spellings (RFC 7518 section 3.4).
    def check_signature(token, signature, key)
      need key && signature.bytesize == 64
      JWT.decode(token, key, true, algorithms: ["ES256"], verify_expiration: false, verify_not_before: false)
    rescue JWT::DecodeError, OpenSSL::PKey::PKeyError
      raise TokenRefused, "token_invalid"
    end

    # RFC 9068 section 4; RFC 8725 sections 3.8 to 3.10.
    def check_claims(claims, now)
      need claims["iss"] == @issuer
      audiences = claims["aud"].is_a?(String) ? [claims["aud"]] : claims["aud"]
      need text_list?(audiences) && audiences.include?(@audience)
      need !claims.key?("cnf") # bound to a key: not a bearer token
      need %w[sub sid jti].all? { |name| identifier?(claims[name]) }
      need %w[iat exp auth_time ver].all? { |name| whole?(claims[name]) }
      need claims["iat"] < claims["exp"] && claims["exp"] <= claims["iat"] + LONGEST_LIFE_SECONDS
      latest = now + CLOCK_TOLERANCE_SECONDS
      need claims["iat"] <= latest && claims["auth_time"] <= latest
      need !claims.key?("nbf") || (whole?(claims["nbf"]) && claims["nbf"] <= latest)
      need !claims.key?("org") || identifier?(claims["org"])
      need text_list?(claims["roles"]) && text_list?(claims["amr"]) && text_list?(claims.fetch("permissions", []))
    end

    def need(holds)
      raise TokenRefused, "token_invalid" unless holds
    end

    def whole?(value)
      value.is_a?(Integer) && value >= 0 && value < 2**53
    end

    def identifier?(value)
      value.is_a?(String) && value.valid_encoding? && value.length.between?(1, 255)
    end

    def text_list?(value)
      value.is_a?(Array) && value.all?(String)
    end
  end

  # The compact form (RFC 7515 section 7.1), and nothing else.
  module Token
    # The standard parser keeps the last of two equal members, and others the first: here they are an error.
    class OnceEach < Hash
      def []=(name, value)
        raise JSON::ParserError, "a member stands there twice" if key?(name)

        super
      end
    end

    module_function

    # The header, the payload's bytes and the signature's.
    def take_apart(token)
      parts = token.b.split(".", -1)
      raise TokenRefused, "token_invalid" unless token.bytesize <= LONGEST_TOKEN && parts.length == 3

      header, payload, signature = parts.map { |part| decode(part) }
      [parse_object(header), payload, signature]
    end

    # Base64url without padding, and of several spellings only the one that comes out on the way back.
    def decode(text)
      bytes = Base64.urlsafe_decode64(text)
      return bytes if text != "" && Base64.urlsafe_encode64(bytes, padding: false) == text

      raise TokenRefused, "token_invalid"
    rescue ArgumentError
      raise TokenRefused, "token_invalid"
    end

    # One JSON object in UTF-8, no member twice, no number that JSON does not know (RFC 8725 section 3.7).
    def parse_object(bytes)
      text = bytes.dup.force_encoding(Encoding::UTF_8)
      value = JSON.parse(text, object_class: OnceEach, max_nesting: DEEPEST_NESTING) if text.valid_encoding?
      return value if value.is_a?(OnceEach)

      raise TokenRefused, "token_invalid"
    rescue JSON::ParserError
      raise TokenRefused, "token_invalid"
    end
  end

  # One way to the auth server: no redirect is followed, and nobody waits for ever.
  module Http
    FAILURES = [SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError, Net::ProtocolError,
                Net::HTTPBadResponse, JSON::ParserError, KeyError, TypeError].freeze

    module_function

    # The JSON of a 200.
    def json(uri, request)
      options = { use_ssl: uri.scheme == "https", open_timeout: 5, read_timeout: 5 }
      answer = Net::HTTP.start(uri.host, uri.port, **options) { |connection| connection.request(request) }
      raise IOError, "#{uri} answered #{answer.code}" unless answer.code == "200"

      JSON.parse(answer.body)
    end
  end

  # The issuer's public keys, by `kid`. An unknown one is looked for again, but not by every forger's request; and all of them now
  # and then, for a key that was withdrawn is to be forgotten.
  class KeySet
    COOL_DOWN_SECONDS = 10
    MAX_AGE_SECONDS = 600

    def initialize(url, fetch: nil, clock: -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      uri = URI(url)
      @fetch = fetch || -> { Http.json(uri, Net::HTTP::Get.new(uri)) }
      @clock = clock
      @keys = {}
      @asked_at = nil
      @lock = Mutex.new
    end

    def find(kid)
      # Whoever has a known key waits for nobody; whoever has not, for the answer that is on its way.
      @lock.synchronize { renew unless fresh?(kid) } unless @keys.key?(kid) && fresh?(kid)
      @keys[kid]
    end

    private

    def fresh?(kid)
      after_seconds = @keys.key?(kid) ? MAX_AGE_SECONDS : COOL_DOWN_SECONDS
      !@asked_at.nil? && @clock.call - @asked_at < after_seconds
    end

    def renew
      @asked_at = @clock.call
      # One key is for one algorithm (RFC 8725 section 3.1).
      usable = @fetch.call.fetch("keys").select { |key| key["alg"] == "ES256" && key["crv"] == "P-256" }
      @keys = usable.to_h { |key| [key.fetch("kid"), JWT::JWK.import(key).keypair] }
    rescue *Http::FAILURES, JWT::JWKError, OpenSSL::PKey::PKeyError => e
      warn "sallyport: no signing keys: #{e.message}"
      # What was known before goes on; with nothing at all, the next request may ask at once.
      @asked_at = nil if @keys.empty?
      raise Unavailable if @keys.empty?
    end
  end

  # Asks the auth server whether a token is live right now (RFC 7662). The simple way to learn of revocations: one question per token
  # every few seconds, and so long a session that was ended is still let in. Only tokens that were found genuine are sent.
  class Introspection
    MOST_REMEMBERED = 10_000

    def initialize(url, secret, remember_seconds: 5, clock: -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      @uri = URI(url)
      @secret = secret
      @remember_seconds = remember_seconds
      @clock = clock
      @answers = {}
      @lock = Mutex.new
    end

    def active?(token)
      name = Digest::SHA256.digest(token)
      now = @clock.call
      active, until_time = @lock.synchronize { @answers[name] }
      return active if until_time && now < until_time

      ask(token).tap { |answer| remember(name, answer, now + @remember_seconds) }
    end

    private

    def ask(token)
      request = Net::HTTP::Post.new(@uri, "Accept" => "application/json")
      request.basic_auth("ruby", URI.encode_www_form_component(@secret))
      request.set_form_data("token" => token)
      Http.json(@uri, request).fetch("active") == true
    rescue *Http::FAILURES => e
      warn "sallyport: nobody says whether tokens are live: #{e.message}"
      raise Unavailable
    end

    def remember(name, active, until_time)
      @lock.synchronize do
        @answers.clear if @answers.size >= MOST_REMEMBERED
        @answers[name] = [active, until_time]
      end
    end
  end
end
