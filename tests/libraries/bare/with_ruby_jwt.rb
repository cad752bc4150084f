# frozen_string_literal: true

require "json"
require "jwt"
require "net/http"

KEYS = JSON.parse(Net::HTTP.get(URI("#{ENV.fetch("SALLYPORT_ISSUER")}/.well-known/jwks.json")), symbolize_names: true)

def verify(token)
  JWT.decode(token, nil, true, algorithms: ["ES256"], jwks: KEYS).first
end
